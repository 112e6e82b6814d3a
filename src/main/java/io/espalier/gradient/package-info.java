/**
 * Reverse-mode differentiation as graph rewriting: {@link io.espalier.gradient.Backward} appends to
 * a graph the ONNX nodes that compute the gradients of its loss.
 *
 * <p>How to add an operator: one entry in the table of its family (the entry is the registration)
 * and one line in {@code GradientCases}; {@code GradientCheckTest} compares the rule with finite
 * differences, and fails for a rule without a case. In a rule, {@code g} is the node ({@code
 * g.x(i)} its inputs, {@code g.y()} its output, {@code g.dy()} the gradient of that) and {@code
 * ops} emits nodes at opset 21. A derivative gives one input's gradient, in that input's shape or,
 * in a rule that {@code broadcasts()}, in the output's: the walk sums it down, adds up gradients
 * that arrive on several ways, and removes what nobody needed.
 *
 * <p>A rule must hold with any dimension unknown, the batch first of all, and may use what is known
 * to be faster. Where it cannot, it throws {@code g.refuse(reason)}: the weights behind the node
 * stay frozen, and the reason reaches the report. An operator whose gradient is zero everywhere is
 * listed in {@code GradientRules.NOT_DIFFERENTIABLE} instead.
 *
 * <p>Rules prefer the output to the input where either will do (what is read twice cannot be fused
 * into the node before), multiplication by a mask to {@code Where}, and {@code Gemm} to transposed
 * {@code MatMul}.
 */
package io.espalier.gradient;
