package io.espalier.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.DataType;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Shape;
import io.espalier.graph.Value;
import io.espalier.storage.StorageOptions.Form;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OpeningBudgetTest {
  /** How the weights of 97 % zeros are stored whose columns are so many. */
  private static List<String> stored(int... columns) {
    Graph graph = new Graph("g", null);
    for (int i = 0; i < columns.length; i++) {
      Value weight = graph.declare("w" + i);
      EncodingTest.Case made =
          new EncodingTest.Case(DataType.FLOAT, Shape.of(1200, columns[i]), 0.97, i + 200, 13);
      weight.setInitializer(EncodingTest.tensor(made));
      Value out = graph.declare("y" + i);
      graph.addNode("", OperatorId.of("Relu"), List.of(out)).addInput(weight);
      graph.addOutput(out);
    }
    Model model = new Model(8, Map.of("", 13L), graph, List.of());
    StorageOptions options =
        new StorageOptions(Form.AUTO, Optional.empty(), 0, false, Optional.empty());
    return WeightStorage.store(model, options, false, Optional.empty()).weights().stream()
        .map(StoredWeight::encoding)
        .toList();
  }

  @Test
  void weightsOfOneShapeShareTheirZeros() {
    assertEquals(0, stored(1200, 1200, 1200, 1200).stream().filter("dense"::equals).count());
    assertEquals(2, stored(1200, 1201, 1202, 1203).stream().filter("dense"::equals).count());
  }

  @Test
  void whereTheLargestDoesNotFitOthersDo() {
    List<String> stored = stored(6400, 100, 110, 120);
    assertEquals("dense", stored.get(0));
    assertTrue(IntStream.range(1, 4).noneMatch(i -> stored.get(i).equals("dense")), "" + stored);
  }
}
