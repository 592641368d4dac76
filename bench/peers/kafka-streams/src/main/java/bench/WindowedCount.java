package bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Properties;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.WindowedSerdes;
import org.apache.kafka.streams.state.WindowStore;

/**
 * Counts the records of each key in windows of one minute with a grace of one minute, and writes
 * every result the cache lets through. Arguments: bootstrap servers, application id, input topic,
 * output topic, guarantee (at_least_once or exactly_once_v2), commit interval in milliseconds,
 * cache in bytes (0: every update), state directory.
 */
public final class WindowedCount {
  /** The value of the input, decoded in full for every record, as on the other side. */
  public record Order(long id, String user, double amount, String city, long at) {}

  private WindowedCount() {}

  public static void main(String[] args) {
    StreamsBuilder builder = new StreamsBuilder();
    long minuteMs = Duration.ofMinutes(1).toMillis();
    builder.stream(args[2], Consumed.with(Serdes.String(), orderSerde()))
        .groupByKey()
        .windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMinutes(1), Duration.ofMinutes(1)))
        .count(Materialized.<String, Long, WindowStore<Bytes, byte[]>>as("counts")
            .withKeySerde(Serdes.String()).withValueSerde(Serdes.Long()))
        .toStream()
        .to(args[3], Produced.with(
            WindowedSerdes.timeWindowedSerdeFrom(String.class, minuteMs), Serdes.Long()));
    KafkaStreams streams = new KafkaStreams(builder.build(), settings(args));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(Duration.ofSeconds(8))));
    streams.setUncaughtExceptionHandler(error -> {
      error.printStackTrace();
      return org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler
          .StreamThreadExceptionResponse.SHUTDOWN_APPLICATION;
    });
    streams.start();
  }

  private static Properties settings(String[] args) {
    Properties settings = new Properties();
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, args[1]);
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, args[4]);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, args[5]);
    settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, args[6]);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, args[7]);
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
    Deserializer<Order> deserializer = (topic, bytes) -> {
      try {
        return bytes == null ? null : mapper.readValue(bytes, Order.class);
      } catch (IOException error) {
        throw new UncheckedIOException(error);
      }
    };
    return Serdes.serdeFrom((topic, order) -> {
      throw new UnsupportedOperationException("the input is only read");
    }, deserializer);
  }
}
