/**
 * YAML files as texts with their lines ({@link io.espalier.yaml.YamlNode}): no types are guessed,
 * no objects made. The only place that sees the YAML library.
 */
package io.espalier.yaml;
