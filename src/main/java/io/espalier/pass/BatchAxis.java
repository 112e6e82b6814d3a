package io.espalier.pass;

/**
 * Where a value carries the batch.
 *
 * @param axis whose size is a multiple of the batch's
 * @param inside how many elements of that axis there are outside of the batch: an axis of T rows of
 *     N samples each has {@code inside} T; usually 1
 */
record BatchAxis(int axis, long inside) {
  static BatchAxis of(int axis) {
    return new BatchAxis(axis, 1);
  }

  BatchAxis at(int other) {
    return new BatchAxis(other, inside);
  }
}
