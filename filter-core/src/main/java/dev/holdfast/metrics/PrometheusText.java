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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Metrics in Prometheus' text format, version 0.0.4, which every scraper reads. */
public final class PrometheusText {
    /** Of an answer that has it. */
    public static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

    private PrometheusText() {}

    /** Reads all metrics of all groups now. */
    public static byte[] of(List<MetricGroup> groups) {
        Map<String, List<Sample>> families = new LinkedHashMap<>();
        for (MetricGroup group : groups) {
            Labels labels = labels(group.labels());
            for (Metric metric : group.metrics()) {
                families.computeIfAbsent(metric.name(), name -> new ArrayList<>())
                        .add(new Sample(metric, labels));
            }
        }
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try {
            PrometheusTextFormatWriter.create()
                    .write(
                            text,
                            new MetricSnapshots(families.values().stream()
                                    .map(PrometheusText::snapshot)
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

    private record Sample(Metric metric, Labels labels) {}

    /** @param family all of one name, at least one */
    private static MetricSnapshot snapshot(List<Sample> family) {
        Metric first = family.get(0).metric();
        String name = name(first);
        String help = first.meaning() + ".";
        if (first instanceof Metric.Counter) {
            CounterSnapshot.Builder counter =
                    CounterSnapshot.builder().name(name).help(help);
            for (Sample each : family) {
                counter.dataPoint(CounterDataPointSnapshot.builder()
                        .labels(each.labels())
                        .value((double) ((Metric.Counter) each.metric()).value().getAsLong())
                        .build());
            }
            return counter.build();
        }
        if (first instanceof Metric.Gauge gauge) {
            GaugeSnapshot.Builder builder = GaugeSnapshot.builder().name(name).help(help);
            if (!gauge.unit().isEmpty()) {
                builder.unit(new Unit(gauge.unit()));
            }
            for (Sample each : family) {
                builder.dataPoint(GaugeDataPointSnapshot.builder()
                        .labels(each.labels())
                        .value(((Metric.Gauge) each.metric()).value().getAsDouble())
                        .build());
            }
            return builder.build();
        }
        HistogramSnapshot.Builder histogram =
                HistogramSnapshot.builder().name(name).help(help).unit(Unit.SECONDS);
        for (Sample each : family) {
            Metric.Distribution now = ((Metric.Histogram) each.metric()).value().get();
            histogram.dataPoint(HistogramDataPointSnapshot.builder()
                    .labels(each.labels())
                    .classicHistogramBuckets(buckets(now))
                    .sum(now.sum())
                    .build());
        }
        return histogram.build();
    }

    private static ClassicHistogramBuckets buckets(Metric.Distribution now) {
        List<Double> bounds = new ArrayList<>(now.bounds());
        bounds.add(Double.POSITIVE_INFINITY);
        return ClassicHistogramBuckets.of(bounds, now.counts());
    }
}
