/**
 * How files are stored: written whole or not at all ({@link io.espalier.storage.StagedFiles}),
 * compressed ({@link io.espalier.storage.Compression}), and a model with all that belongs to it in
 * one file ({@link io.espalier.storage.Bundle}). The only package that sees commons-compress, xz
 * and aircompressor.
 */
package io.espalier.storage;
