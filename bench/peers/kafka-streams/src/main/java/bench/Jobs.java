package bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.Joined;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.SessionWindows;
import org.apache.kafka.streams.kstream.StreamJoined;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.WindowedSerdes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.SessionStore;
import org.apache.kafka.streams.state.WindowStore;

/**
 * The jobs of bench/jobs/topologies, and every result that the cache lets through. Arguments: job,
 * bootstrap servers, application id, input topic, second input topic, output topic, guarantee
 * (at_least_once or exactly_once_v2), commit interval in milliseconds, cache in bytes (0: every
 * update), state directory.
 */
public final class Jobs {
  /** The value of the input, decoded in full for every record, as on the other side. */
  public record Order(long id, String user, double amount, String city, long at) {}

  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration FIVE_SECONDS = Duration.ofSeconds(5);

  private Jobs() {}

  public static void main(String[] args) {
    StreamsBuilder builder = new StreamsBuilder();
    KStream<String, Order> input =
        builder.stream(args[3], Consumed.with(Serdes.String(), orderSerde()));
    switch (args[0]) {
      case "windowed-count" -> windows(input, args[5], TimeWindows.ofSizeAndGrace(MINUTE, MINUTE));
      case "hopping-count" -> windows(input, args[5],
          TimeWindows.ofSizeAndGrace(MINUTE, MINUTE).advanceBy(Duration.ofSeconds(12)));
      case "session-count" -> sessions(input, args[5]);
      case "stream-table" -> streamTable(builder, input, args[4], args[5]);
      case "stream-stream" -> streamStream(builder, input, args[4], args[5]);
      default -> throw new IllegalArgumentException(args[0]);
    }
    KafkaStreams streams = new KafkaStreams(builder.build(), settings(args));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(Duration.ofSeconds(8))));
    streams.setUncaughtExceptionHandler(error -> {
      error.printStackTrace();
      return org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler
          .StreamThreadExceptionResponse.SHUTDOWN_APPLICATION;
    });
    streams.start();
  }

  private static void windows(KStream<String, Order> input, String output, TimeWindows windows) {
    input.groupByKey()
        .windowedBy(windows)
        .count(Materialized.<String, Long, WindowStore<Bytes, byte[]>>as("counts")
            .withKeySerde(Serdes.String()).withValueSerde(Serdes.Long()))
        .toStream()
        .to(output, Produced.with(
            WindowedSerdes.timeWindowedSerdeFrom(String.class, windows.size()), Serdes.Long()));
  }

  private static void sessions(KStream<String, Order> input, String output) {
    input.groupByKey()
        .windowedBy(SessionWindows.ofInactivityGapAndGrace(FIVE_SECONDS, MINUTE))
        .count(Materialized.<String, Long, SessionStore<Bytes, byte[]>>as("counts")
            .withKeySerde(Serdes.String()).withValueSerde(Serdes.Long()))
        .toStream()
        .to(output, Produced.with(
            WindowedSerdes.sessionWindowedSerdeFrom(String.class), Serdes.Long()));
  }

  private static void streamTable(
      StreamsBuilder builder, KStream<String, Order> input, String table, String output) {
    KTable<String, String> users = builder.table(table,
        Consumed.with(Serdes.String(), Serdes.String()),
        Materialized.<String, String, KeyValueStore<Bytes, byte[]>>as("users"));
    input.join(users, (order, user) -> order.id() + "," + user,
            Joined.with(Serdes.String(), orderSerde(), Serdes.String()))
        .to(output, Produced.with(Serdes.String(), Serdes.String()));
  }

  private static void streamStream(
      StreamsBuilder builder, KStream<String, Order> input, String other, String output) {
    input.join(builder.stream(other, Consumed.with(Serdes.String(), orderSerde())),
            (left, right) -> left.id() + "," + right.id(),
            JoinWindows.ofTimeDifferenceAndGrace(FIVE_SECONDS, MINUTE),
            StreamJoined.with(Serdes.String(), orderSerde(), orderSerde()).withStoreName("pairs"))
        .to(output, Produced.with(Serdes.String(), Serdes.String()));
  }

  private static Properties settings(String[] args) {
    Properties settings = new Properties();
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[1]);
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, args[2]);
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, args[6]);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, args[7]);
    settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, args[8]);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, args[9]);
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    settings.put("auto.offset.reset", "earliest");
    // Changelog records carry event time and would be deleted by the broker: the input is old.
    settings.put(StreamsConfig.WINDOW_STORE_CHANGE_LOG_ADDITIONAL_RETENTION_MS_CONFIG,
        Long.toString(Duration.ofDays(365_000).toMillis()));
    return settings;
  }

  private static Serde<Order> orderSerde() {
    ObjectMapper mapper = new ObjectMapper();
    return Serdes.serdeFrom((topic, order) -> {
      try {
        return order == null ? null : mapper.writeValueAsBytes(order);
      } catch (IOException error) {
        throw new UncheckedIOException(error);
      }
    }, (topic, bytes) -> {
      try {
        return bytes == null ? null : mapper.readValue(bytes, Order.class);
      } catch (IOException error) {
        throw new UncheckedIOException(error);
      }
    });
  }
}
