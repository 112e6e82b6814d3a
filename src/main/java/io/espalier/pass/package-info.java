/**
 * Rewrites of models: what makes a graph that can be trained out of one that was imported, and what
 * takes out of a model what only training needs.
 *
 * <p>{@link io.espalier.pass.WorkingCopy} copies an imported model, brings the copy to opset 21
 * ({@link io.espalier.pass.OpsetUpgrade}), brings functions, branches and short loops into the main
 * graph, says in standard operators and in 32 bits what the model says otherwise, and lets the
 * batch be of any size, along the first axis of every input. {@link
 * io.espalier.pass.TrainingGraphs} derives from it graphs with a loss, for training and for
 * evaluation, and the teacher of a distillation. The imported model is never changed; values of a
 * derived graph know the values that they come from. {@link io.espalier.pass.Strip} and {@link
 * io.espalier.pass.FoldBatchNormalization} work on the model that goes out.
 *
 * <p>An upgrade keeps every bit of every result, with one exception that is onnxruntime's: from
 * opset 19 on, its AveragePool rounds the last bit differently. A free batch is believed only where
 * the {@link io.espalier.graph.Engine} confirms it. What is not done is a {@link
 * io.espalier.graph.Refusal}.
 *
 * <p>How to add
 *
 * <ul>
 *   <li>an operator whose form changed: an {@link io.espalier.pass.OperatorChange} in its family
 *       ({@code AxesUpgrades}, {@code ImageUpgrades}, …), which says from which opset on the new
 *       form holds and gives a node that form; a call of the old form in {@code UpgradeCases};
 *   <li>an operator of an exporter's own: an entry in its family of {@code StandardForms} that says
 *       it in standard operators; a call in {@code StandardFormCases};
 *   <li>an operator that hands on the batch otherwise than by numpy's broadcasting: an entry in
 *       {@code BatchRules}; a network in {@code RebatchingTest};
 *   <li>an operator with parameters: an entry in {@code TrainableWeights};
 *   <li>a loss: a constant in {@link io.espalier.pass.LossKind}, its nodes in {@code TargetLoss},
 *       its formula in {@code LossTest};
 *   <li>a rewrite: a class that is a {@link io.espalier.pass.Pass}, with a test that compares what
 *       onnxruntime computes before and after.
 * </ul>
 */
package io.espalier.pass;
