package io.espalier.train;

import io.espalier.graph.Value;
import io.espalier.pass.Teacher;
import io.espalier.runtime.BoundSession;
import io.espalier.runtime.HostTensor;
import io.espalier.runtime.SessionOptions;
import java.util.Map;

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

  /** Runs on the inputs among these tensors, and writes into the learners' tensors among them. */
  void run(Map<String, HostTensor> room) {
    room.forEach(
        (name, tensor) -> {
          if (session.takes(name)) {
            session.input(name, tensor);
          }
        });
    learners.forEach(
        (output, learner) ->
            session.output(teacher.outputs().get(output).name(), room.get(learner.name())));
    session.run();
  }

  @Override
  public void close() {
    session.close();
  }
}
