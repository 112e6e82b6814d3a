package io.espalier.train;

import io.espalier.data.DataSource;
import io.espalier.data.Preprocessing;
import java.util.Optional;

/** Where samples are, and what is done to them before the model sees them. */
public record TrainingData(
    DataSource training, Optional<DataSource> validation, Preprocessing preprocessing) {}
