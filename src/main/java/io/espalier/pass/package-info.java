/** Rewrites of models. */
package io.espalier.pass;
