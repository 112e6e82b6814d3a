package io.espalier.train;

import java.nio.file.Path;

/**
 * Where a run keeps what it needs to go on after an interruption.
 *
 * @param folder that a {@link Checkpoint} lies in, made if need be
 * @param resume whether the run goes on from the one that is there
 * @param identity what must be the same in all parts of the run, besides the samples
 */
public record Checkpointing(Path folder, boolean resume, Identity identity) {}
