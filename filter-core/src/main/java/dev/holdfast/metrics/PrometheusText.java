package dev.holdfast.metrics;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Unit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Metrics in Prometheus' text format, version 0.0.4, which every scraper reads. */
public final class PrometheusText {
    /** Of an answer that has it. */
    public static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

    private PrometheusText() {}

    /** Reads all metrics of all groups now. */
    public static byte[] of(List<MetricGroup> groups) {
        Map<String, Family> families = new LinkedHashMap<>();
        for (MetricGroup group : groups) {
            Labels labels = labels(group.labels());
            for (Metric metric : group.metrics()) {
                families.computeIfAbsent(metric.name(), name -> family(metric)).add(metric, labels);
            }
        }
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try {
            PrometheusTextFormatWriter.create()
                    .write(
                            text,
                            new MetricSnapshots(families.values().stream()
                                    .map(Family::build)
                                    .toList()),
                            EscapingScheme.UNDERSCORE_ESCAPING);
        } catch (IOException e) {
            throw new UncheckedIOException("A stream in memory failed", e);
        }
        return text.toByteArray();
    }

    /**
     * What an unlabelled series would have now, by its name in that format; those of a histogram, too.
     *
     * @return in the order of the metrics
     */
    public static Map<String, Double> values(List<Metric> metrics) {
        Map<String, Double> values = new LinkedHashMap<>();
        for (Metric metric : metrics) {
            String name = name(metric);
            if (metric instanceof Metric.Counter counter) {
                values.put(name, (double) counter.value().getAsLong());
            } else if (metric instanceof Metric.Gauge gauge) {
                values.put(name, gauge.value().getAsDouble());
            } else if (metric instanceof Metric.Histogram histogram) {
                Metric.Distribution now = histogram.value().get();
                long below = 0;
                for (int i = 0; i < now.bounds().size(); i++) {
                    below += now.counts().get(i);
                    values.put(name + "_bucket{le=\"" + now.bounds().get(i) + "\"}", (double) below);
                }
                values.put(name + "_count", (double) now.count());
                values.put(name + "_sum", now.sum());
            }
        }
        return values;
    }

    /** The name of a metric in that format, without what stands behind the name of a histogram. */
    public static String name(Metric metric) {
        String name = metric.name().replace('.', '_');
        if (metric instanceof Metric.Gauge gauge) {
            return gauge.unit().isEmpty() ? name : name + "_" + gauge.unit();
        }
        return name + (metric instanceof Metric.Counter ? "_total" : "_seconds");
    }

    private static Labels labels(Map<String, String> labels) {
        Labels.Builder builder = Labels.builder();
        labels.forEach(builder::label);
        return builder.build();
    }

    /** All of one name. */
    private interface Family {
        void add(Metric metric, Labels labels);

        MetricSnapshot build();
    }

    private static Family family(Metric metric) {
        String name = name(metric);
        String help = metric.meaning() + ".";
        if (metric instanceof Metric.Counter) {
            CounterSnapshot.Builder counter =
                    CounterSnapshot.builder().name(name).help(help);
            return family(
                    (each, labels) -> counter.dataPoint(CounterDataPointSnapshot.builder()
                            .labels(labels)
                            .value((double) ((Metric.Counter) each).value().getAsLong())
                            .build()),
                    counter::build);
        }
        if (metric instanceof Metric.Gauge gauge) {
            GaugeSnapshot.Builder builder = GaugeSnapshot.builder().name(name).help(help);
            if (!gauge.unit().isEmpty()) {
                builder.unit(new Unit(gauge.unit()));
            }
            return family(
                    (each, labels) -> builder.dataPoint(GaugeDataPointSnapshot.builder()
                            .labels(labels)
                            .value(((Metric.Gauge) each).value().getAsDouble())
                            .build()),
                    builder::build);
        }
        HistogramSnapshot.Builder histogram =
                HistogramSnapshot.builder().name(name).help(help).unit(Unit.SECONDS);
        return family(
                (each, labels) -> {
                    Metric.Distribution now = ((Metric.Histogram) each).value().get();
                    ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
                    for (int i = 0; i < now.counts().size(); i++) {
                        boolean bounded = i < now.bounds().size();
                        buckets.bucket(
                                bounded ? now.bounds().get(i) : Double.POSITIVE_INFINITY,
                                now.counts().get(i));
                    }
                    histogram.dataPoint(HistogramDataPointSnapshot.builder()
                            .labels(labels)
                            .classicHistogramBuckets(buckets.build())
                            .sum(now.sum())
                            .build());
                },
                histogram::build);
    }

    private interface Adding {
        void add(Metric metric, Labels labels);
    }

    private static Family family(Adding adding, Supplier<MetricSnapshot> building) {
        return new Family() {
            @Override
            public void add(Metric metric, Labels labels) {
                adding.add(metric, labels);
            }

            @Override
            public MetricSnapshot build() {
                return building.get();
            }
        };
    }
}
