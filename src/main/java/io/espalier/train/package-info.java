/**
 * Fine-tuning: the update of weights ({@link io.espalier.train.Update}), learning rates ({@link
 * io.espalier.train.LearningRate}), when to prune ({@link io.espalier.train.PruningPlan}), when to
 * stop ({@link io.espalier.train.EarlyStopping}), which samples come when ({@link
 * io.espalier.train.BatchOrder}) and what is needed to go on after an interruption ({@link
 * io.espalier.train.Checkpoint}).
 *
 * <p>Steps are updates of the weights and count from 1; epochs count from 0, as in Keras. Whatever
 * is random comes from {@link io.espalier.random.RandomStream}, which has no state: the numbers of
 * a step follow from seed, stream and step, so a resumed run draws what the uninterrupted one did.
 * Text that users write is parsed here; what is wrong with it is an {@link
 * IllegalArgumentException} whose message is for them.
 *
 * <p>To add an optimizer: one record, which {@link io.espalier.train.Optimizer} permits and names,
 * and one case in {@code tools/make_optimizer_vectors.py}. To add a learning-rate schedule: one
 * record that implements DL4J's {@code ISchedule}, one line in {@code LearningRate.named} and in
 * its help, one test against the numbers of PyTorch or Keras.
 */
package io.espalier.train;
