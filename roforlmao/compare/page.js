const filter = document.getElementById("filter"), count = document.getElementById("count");
const rows = [...document.querySelectorAll("tbody tr")], texts = rows.map(row => row.textContent.toLowerCase());
function show() {
  const wanted = filter.value.toLowerCase();
  let shown = 0;
  rows.forEach((row, place) => { row.hidden = !texts[place].includes(wanted); shown += !row.hidden; });
  count.textContent = wanted ? `${shown} of ${rows.length} rows` : "";
}
filter.addEventListener("input", show);
if (location.hash) { filter.value = decodeURIComponent(location.hash.slice(1)); show(); }
