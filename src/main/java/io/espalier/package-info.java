/** The supported Java interface: {@link io.espalier.Espalier} runs a recipe. */
package io.espalier;
