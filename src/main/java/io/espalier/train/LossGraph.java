package io.espalier.train;

import io.espalier.graph.DataType;
import io.espalier.graph.Shape;
import io.espalier.pass.TrainingGraph;
import io.espalier.runtime.BoundSession;
import io.espalier.runtime.HostTensor;
import io.espalier.runtime.SessionOptions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A graph that computes a loss, opened: batches go in, the loss and the number of right positions
 * come out. Tensors for a size of batch are made once and kept. For one thread.
 */
final class LossGraph implements AutoCloseable {
  private final TrainingGraph graph;
  private final BoundSession session;
  private final SampleTable samples;
  private final Optional<TargetWriter> targets;
  private final Optional<TeacherSession> teacher;
  private final List<DropoutMask> masks = new ArrayList<>();
  private final HostTensor loss;
  private final HostTensor right;
  private final Map<Integer, Map<String, HostTensor>> rooms = new HashMap<>();

  /** What a batch came to. */
  record Outcome(double loss, double right) {}

  /**
   * Opens a graph. The session is closed with it; the teacher is not.
   *
   * @param targets absent where only a teacher judges
   */
  LossGraph(
      TrainingGraph graph,
      SessionOptions options,
      SampleTable samples,
      Optional<TargetWriter> targets,
      Optional<TeacherSession> teacher,
      long seed) {
    this.graph = graph;
    this.samples = samples;
    this.targets = targets;
    this.teacher = teacher;
    graph.masks().forEach(mask -> masks.add(new DropoutMask(mask, seed)));
    List<HostTensor> results = HostTensor.of(DataType.FLOAT, Shape.of(), 2);
    this.loss = results.get(0);
    this.right = results.get(1);
    try {
      this.session = BoundSession.open(graph.model(), options);
    } catch (RuntimeException | Error e) {
      results.forEach(HostTensor::close);
      throw e;
    }
    session.output(graph.loss().name(), loss);
    graph.right().ifPresent(value -> session.output(value.name(), right));
  }

  BoundSession session() {
    return session;
  }

  /** Positions that can be right, in each sample. */
  int positions() {
    return targets.map(TargetWriter::positions).orElse(1);
  }

  /** Whether right positions are counted. */
  boolean judges() {
    return graph.right().isPresent();
  }

  /**
   * Runs on some samples.
   *
   * @param step from 1, for what is drawn at random
   */
  Outcome run(int[] rows, long step) {
    Map<String, HostTensor> room = rooms.computeIfAbsent(rows.length, this::room);
    for (String input : samples.inputs()) {
      samples.gather(input, rows, room.get(input));
    }
    if (targets.isPresent()) {
      targets.get().write(rows, room.get(targetName()));
    }
    teacher.ifPresent(one -> one.run(room));
    masks.forEach(mask -> mask.draw(step, room.get(mask.name())));
    room.forEach((name, tensor) -> bind(name, tensor));
    session.run();
    return new Outcome(loss.floats().get(0), judges() ? right.floats().get(0) : Double.NaN);
  }

  private void bind(String name, HostTensor tensor) {
    if (session.takes(name)) {
      session.input(name, tensor);
    }
  }

  private String targetName() {
    return graph.targets().orElseThrow().name();
  }

  private Map<String, HostTensor> room(int batch) {
    Map<String, HostTensor> room = new HashMap<>();
    try {
      fill(room, batch);
      return room;
    } catch (RuntimeException | Error e) {
      room.values().forEach(HostTensor::close);
      throw e;
    }
  }

  private void fill(Map<String, HostTensor> room, int batch) {
    for (String input : samples.inputs()) {
      room.put(input, samples.room(input, batch));
    }
    targets.ifPresent(writer -> room.put(targetName(), writer.room(batch)));
    masks.forEach(mask -> room.put(mask.name(), mask.room(batch)));
  }

  @Override
  public void close() {
    session.close();
    rooms.values().forEach(room -> room.values().forEach(HostTensor::close));
    rooms.clear();
    loss.close();
    right.close();
  }
}
