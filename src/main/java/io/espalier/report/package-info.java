/**
 * What a run found out, as immutable records, and the forms in which people and programs read it:
 * aligned text, Markdown, JSON. Times, sizes and ratios carry their unit in their name; a ratio is
 * before/after. The form of the JSON is {@code docs/report.schema.json}.
 */
package io.espalier.report;
