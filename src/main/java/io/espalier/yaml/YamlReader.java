package io.espalier.yaml;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads a YAML 1.2 file of one document. What has no place in a file of settings is refused:
 * anchors and aliases, tags, keys that stand twice or are no scalars, more than {@value #DEEPEST}
 * levels, more than {@value #LARGEST} bytes.
 */
public final class YamlReader {
  static final int LARGEST = 1 << 20;
  static final int DEEPEST = 40;

  private final String file;
  private final Iterator<Event> events;

  private YamlReader(String file, Iterator<Event> events) {
    this.file = file;
    this.events = events;
  }

  /**
   * What is in the file.
   *
   * @throws YamlException if it is no YAML, or what is refused
   * @throws IOException if it cannot be read
   */
  public static YamlNode read(Path file) throws IOException {
    if (Files.size(file) > LARGEST) {
      throw new YamlException(
          file.toString(), 1, "expected at most " + LARGEST + " bytes, got " + Files.size(file));
    }
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
    try {
      return parse(StandardCharsets.UTF_8.newDecoder().decode(bytes).toString(), file.toString());
    } catch (CharacterCodingException e) {
      throw new YamlException(file.toString(), 1, "expected text in UTF-8, got other bytes");
    }
  }

  /** As {@link #read}, of a text; {@code file} is its name in messages. */
  public static YamlNode parse(String text, String file) {
    LoadSettings settings = LoadSettings.builder().setCodePointLimit(LARGEST).build();
    try {
      return new YamlReader(file, new Parse(settings).parseString(text).iterator()).document();
    } catch (MarkedYamlEngineException e) {
      throw new YamlException(file, line(e.getProblemMark()), problem(e));
    } catch (YamlEngineException e) {
      throw new YamlException(file, 1, String.valueOf(e.getMessage()));
    }
  }

  private static String problem(MarkedYamlEngineException e) {
    String context = e.getContext() == null ? "" : e.getContext() + ": ";
    return "expected YAML; " + context + e.getProblem();
  }

  private YamlNode document() {
    Event event = events.next(); // the start of the stream
    event = events.next();
    if (event.getEventId() == Event.ID.StreamEnd) {
      return new YamlNode.Text("", true, 1);
    }
    YamlNode root = node(events.next(), 0);
    events.next(); // the end of the document
    event = events.next();
    if (event.getEventId() != Event.ID.StreamEnd) {
      throw wrong(event, "expected one document, got another");
    }
    return root;
  }

  private YamlNode node(Event event, int depth) {
    if (event.getEventId() == Event.ID.Alias) {
      throw wrong(event, "aliases (*name) are not read; write out what they stand for");
    }
    if (((NodeEvent) event).getAnchor().isPresent()) {
      throw wrong(event, "anchors (&name) are not read; leave them out");
    }
    if (depth > DEEPEST) {
      throw wrong(event, "expected at most " + DEEPEST + " levels");
    }
    return switch (event.getEventId()) {
      case Scalar -> scalar((ScalarEvent) event);
      case SequenceStart -> items((CollectionStartEvent) event, depth);
      case MappingStart -> entries((CollectionStartEvent) event, depth);
      default -> throw wrong(event, "unexpected " + event.getEventId());
    };
  }

  private YamlNode.Text scalar(ScalarEvent event) {
    requireNoTag(event, event.getTag());
    String text = event.getValue();
    boolean isNull = event.isPlain() && (text.isEmpty() || text.equals("~") || text.equals("null"));
    return new YamlNode.Text(text, isNull, line(event));
  }

  private void requireNoTag(Event event, Optional<String> tag) {
    if (tag.isPresent()) {
      throw wrong(event, "tags (" + tag.get() + ") are not read; leave them out");
    }
  }

  private YamlNode.Items items(CollectionStartEvent start, int depth) {
    requireNoTag(start, start.getTag());
    List<YamlNode> items = new ArrayList<>();
    for (Event event = events.next();
        event.getEventId() != Event.ID.SequenceEnd;
        event = events.next()) {
      items.add(node(event, depth + 1));
    }
    return new YamlNode.Items(items, line(start));
  }

  private YamlNode.Entries entries(CollectionStartEvent start, int depth) {
    requireNoTag(start, start.getTag());
    Map<String, YamlNode> entries = new LinkedHashMap<>();
    Map<String, Integer> lines = new LinkedHashMap<>();
    for (Event event = events.next();
        event.getEventId() != Event.ID.MappingEnd;
        event = events.next()) {
      if (!(node(event, depth + 1) instanceof YamlNode.Text key) || key.isNull()) {
        throw wrong(event, "expected a name as key");
      }
      Integer first = lines.putIfAbsent(key.text(), key.line());
      if (first != null) {
        throw wrong(event, "'%s' stands in line %d already".formatted(key.text(), first));
      }
      entries.put(key.text(), node(events.next(), depth + 1));
    }
    return new YamlNode.Entries(entries, lines, line(start));
  }

  private YamlException wrong(Event event, String message) {
    return new YamlException(file, line(event), message);
  }

  private static int line(Event event) {
    return line(event.getStartMark());
  }

  private static int line(Optional<Mark> mark) {
    return mark.map(Mark::getLine).orElse(0) + 1;
  }
}
