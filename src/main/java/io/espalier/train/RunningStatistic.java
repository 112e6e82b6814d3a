package io.espalier.train;

import io.espalier.graph.DataType;
import io.espalier.graph.Elements;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import io.espalier.pass.TrainingInputs;
import io.espalier.runtime.BoundSession;
import io.espalier.runtime.HostTensor;
import java.nio.ByteBuffer;
import java.util.List;

/** A mean or variance that follows the batches: what a step gives, the next one takes. */
final class RunningStatistic implements AutoCloseable {
  private final TrainingInputs.Statistic statistic;
  private final HostTensor now;
  private final HostTensor next;

  RunningStatistic(TrainingInputs.Statistic statistic) {
    this.statistic = statistic;
    ByteBuffer bytes = statistic.initial().bytes();
    List<HostTensor> both =
        HostTensor.of(statistic.initial().dataType(), statistic.initial().shape(), 2);
    this.now = both.get(0);
    this.next = both.get(1);
    now.bytes().put(bytes);
  }

  String input() {
    return statistic.input().name();
  }

  Value original() {
    return statistic.original();
  }

  /** Has a session read it, and write it where it is a training session. */
  void bind(BoundSession session, boolean training) {
    if (session.takes(input())) {
      session.input(input(), now);
    }
    if (training) {
      session.output(statistic.updated().name(), next);
    }
  }

  /** A step has been made. */
  void advance() {
    now.bytes().put(next.bytes());
  }

  byte[] saved() {
    byte[] bytes = new byte[now.bytes().remaining()];
    now.bytes().get(bytes);
    return bytes;
  }

  void restore(byte[] bytes) {
    now.bytes().put(bytes);
  }

  void putBack() {
    Tensor tensor = TrainedWeight.frozen(now);
    DataType type = original().constant().orElseThrow().dataType();
    TrainedWeight.put(
        original(),
        type == tensor.dataType()
            ? tensor
            : Elements.tensor(type, tensor.shape(), Elements.of(tensor).orElseThrow()));
  }

  @Override
  public void close() {
    now.close();
    next.close();
  }
}
