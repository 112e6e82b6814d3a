package io.espalier.runtime;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.DataType;
import io.espalier.graph.Dim;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.ModelException;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Ops;
import io.espalier.graph.Shape;
import io.espalier.graph.TensorType;
import io.espalier.graph.Value;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The layout in which onnxruntime convolves fastest on this processor: channels in blocks. */
public final class BlockedLayout {
  private static final String DOMAIN = "com.microsoft.nchwc";

  private BlockedLayout() {}

  private static final class Found {
    static final long CHANNELS = probe();
  }

  /** Channels in a block; 0 where sessions with these options know no blocks. */
  public static long channels(SessionOptions options) {
    boolean known = options.device() == Device.CPU && options.optimize() && options.layouts();
    return known ? Found.CHANNELS : 0;
  }

  /** The number that a few channels are filled up to. */
  private static long probe() {
    Graph graph = new Graph("blocks", null);
    Value x = graph.addInput("x");
    Dim one = new Dim.Known(1);
    x.setType(
        new TensorType(DataType.FLOAT, Optional.of(List.of(one, new Dim.Known(4), one, one))));
    OperatorId reorder = new OperatorId(DOMAIN, "ReorderInput", "");
    graph.addOutput(new Ops(graph).call(reorder, Map.of(), 1, x).get(0));
    Model model = new Model(10, Map.of("", Ops.OPSET, DOMAIN, 1L), graph, List.of());
    Datum four = Datum.of(ArrayTensor.of(Shape.of(1, 4, 1, 1), new float[4]));
    try (Session session = Session.open(model, SessionOptions.DEFAULT.withThreads(1))) {
      Datum blocked = session.run(Map.of("x", four)).values().iterator().next();
      return blocked instanceof Datum.Numbers numbers ? numbers.tensor().shape().dim(1) : 0;
    } catch (ModelException e) {
      return 0;
    }
  }
}
