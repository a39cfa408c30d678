/* The map beside the legs: own municipalities and roads, the chosen stretches drawn over them.
   A click on a road puts it in the first leg without one. The table is the truth; without this script nothing is lost. */
(() => {
  "use strict";
  const box = document.getElementById("mappa");
  if (!box || !window.L) return;
  box.hidden = false;

  const STYLES = {
    town: { color: "#9fb3a3", weight: 1, fillColor: "#f4f8f2", fillOpacity: 1 },
    road: { color: "#7c8b9a", weight: 2 },
    chosen: { color: "#0059b8", weight: 6, opacity: 0.9 },
  };
  const map = L.map(box, { attributionControl: false, scrollWheelZoom: false, keyboard: true });
  map.createPane("towns").style.zIndex = 200;
  const sections = [];
  const chosen = L.layerGroup().addTo(map);

  const metres = (text) => {
    const match = /^(\d{1,3})(?:[+.,](\d{1,3}))?$/.exec(text.trim());
    return match ? Number(match[1]) * 1000 + Number((match[2] || "0").padEnd(3, "0")) : null;
  };

  const legs = () =>
    Array.from(document.querySelectorAll("fieldset.leg")).map((row) => ({
      road: row.querySelector("select"),
      from: row.querySelector("input[name$='from_km']"),
      to: row.querySelector("input[name$='to_km']"),
    }));

  /* Part of a section between two metres: points are evenly spread enough on sections of a few hundred metres. */
  const part = (section, low, high) => {
    const { from, to } = section.properties;
    const line = section.geometry.coordinates;
    const first = Math.max(0, (low - from) / (to - from));
    const last = Math.min(1, (high - from) / (to - from));
    const at = (share) => {
      const place = share * (line.length - 1);
      const index = Math.min(Math.floor(place), line.length - 2);
      const rest = place - index;
      return [
        line[index][1] + rest * (line[index + 1][1] - line[index][1]),
        line[index][0] + rest * (line[index + 1][0] - line[index][0]),
      ];
    };
    const inner = line
      .map(([x, y], index) => ({ share: index / (line.length - 1), point: [y, x] }))
      .filter(({ share }) => share > first && share < last)
      .map(({ point }) => point);
    return [at(first), ...inner, at(last)];
  };

  const draw = () => {
    chosen.clearLayers();
    for (const leg of legs()) {
      const from = metres(leg.from.value);
      const to = metres(leg.to.value);
      if (!leg.road.value || from === null || to === null || from === to) continue;
      const [low, high] = [Math.min(from, to), Math.max(from, to)];
      for (const section of sections) {
        const { road, from: start, to: end } = section.properties;
        if (road === leg.road.value && start < high && end > low) {
          L.polyline(part(section, low, high), { ...STYLES.chosen, interactive: false }).addTo(chosen);
        }
      }
    }
    if (chosen.getLayers().length) {
      map.fitBounds(L.featureGroup(chosen.getLayers()).getBounds().pad(0.4), { animate: false });
    }
  };

  const pick = (road) => {
    const free = legs().find((leg) => !leg.road.value);
    if (!free) return;
    free.road.value = road;
    free.from.focus();
  };

  const show = (data) => {
    const of = (layer) => data.features.filter((feature) => feature.properties.layer === layer);
    const towns = L.geoJSON(of("town"), { style: STYLES.town, pane: "towns", interactive: false }).addTo(map);
    L.geoJSON(of("road"), {
      style: STYLES.road,
      onEachFeature: (feature, layer) => {
        sections.push(feature);
        layer.bindTooltip(feature.properties.label, { sticky: true });
        layer.on("click", () => pick(feature.properties.road));
      },
    }).addTo(map);
    L.geoJSON(of("name"), {
      pointToLayer: (feature, place) =>
        L.circleMarker(place, { radius: 2, color: "#3a4d3f", interactive: false }).bindTooltip(feature.properties.name, {
          permanent: true,
          direction: "top",
          className: "town-name",
        }),
    }).addTo(map);
    return towns.getBounds();
  };

  const addresses = box.dataset.networks.split(" ").filter(Boolean);
  Promise.all(addresses.map((address) => fetch(address).then((answer) => answer.json())))
    .then((all) => {
      const bounds = all.map(show).reduce((whole, each) => whole.extend(each));
      map.fitBounds(bounds);
      draw();
    })
    .catch(() => {
      box.hidden = true;
    });
  document.addEventListener("change", (event) => {
    if (event.target.closest("fieldset.leg")) draw();
  });
})();
