/**
 * Random numbers without state: {@link io.espalier.random.RandomStream} draws those of a seed, a
 * use and a step. This package depends on the JDK alone.
 */
package io.espalier.random;
