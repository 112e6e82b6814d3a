/**
 * How files are stored: written whole or not at all ({@link io.espalier.storage.OutputFile}), and
 * compressed ({@link io.espalier.storage.Compression}). The only package that sees
 * commons-compress.
 */
package io.espalier.storage;
