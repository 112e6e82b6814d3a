package io.espalier.train;

import io.espalier.graph.DataType;
import io.espalier.graph.Shape;
import io.espalier.graph.Value;
import io.espalier.pass.Teacher;
import io.espalier.runtime.BoundSession;
import io.espalier.runtime.HostTensor;
import io.espalier.runtime.SessionOptions;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The model as it came in, opened to be distilled from. */
final class TeacherSession implements AutoCloseable {
  private final Teacher teacher;
  private final Map<String, Value> learners;
  private final BoundSession session;

  /**
   * Opens a teacher.
   *
   * @param learners the inputs that take its outputs, by the name of the imported model's output
   */
  TeacherSession(Teacher teacher, Map<String, Value> learners, SessionOptions options) {
    this.teacher = teacher;
    this.learners = learners;
    this.session = BoundSession.open(teacher.model(), options);
  }

  /**
   * Runs on the inputs among these tensors, and writes into the learners' tensors among them, which
   * are added at first: their shapes may depend on those of the inputs.
   */
  void run(Map<String, HostTensor> room) {
    room.forEach(
        (name, tensor) -> {
          if (session.takes(name)) {
            session.input(name, tensor);
          }
        });
    if (learners.values().stream().anyMatch(learner -> !room.containsKey(learner.name()))) {
      addLearners(room);
    }
    learners.forEach((output, learner) -> session.output(name(output), room.get(learner.name())));
    session.run();
  }

  private void addLearners(Map<String, HostTensor> room) {
    Set<String> names = learners.keySet().stream().map(this::name).collect(Collectors.toSet());
    Map<String, Shape> shapes = session.shapes(names);
    learners.forEach(
        (output, learner) ->
            room.computeIfAbsent(
                learner.name(), key -> HostTensor.of(DataType.FLOAT, shapes.get(name(output)))));
  }

  private String name(String output) {
    return teacher.outputs().get(output).name();
  }

  @Override
  public void close() {
    session.close();
  }
}
