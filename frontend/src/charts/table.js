// What a chart's table says, as numbers.

/** {rows: [name], series: [{name, measure, currency, hue, values}]}; columns that stand aside are left out. */
export function readTable(table) {
  const heads = [...table.tHead.rows[0].cells];
  const bodies = [...table.tBodies[0].rows];
  const series = heads.slice(1).map((head, place) => ({
    name: head.textContent.trim(),
    aside: head.dataset.aside !== undefined,
    measure: head.dataset.measure,
    currency: head.dataset.currency,
    hue: head.dataset.hue,
    values: bodies.map((row) => number(row.cells[place + 1])),
  }));
  return { rows: bodies.map((row) => row.cells[0].textContent.trim()), series: series.filter((one) => !one.aside) };
}

function number(cell) {
  return cell.dataset.value === undefined ? null : Number(cell.dataset.value);
}
