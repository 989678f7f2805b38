"use strict";
(() => {
  const d = JSON.parse(document.getElementById("data").textContent);
  const page = document.getElementById("page");
  const pageful = 300;

  // el makes an element. Strings become text, never markup.
  function el(name, attrs, ...children) {
    const svg = ["svg", "rect", "line", "text", "g"].includes(name);
    const e = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
    for (const [k, v] of Object.entries(attrs || {})) {
      if (typeof v === "function") e.addEventListener(k, v);
      else if (v !== undefined && v !== false) e.setAttribute(k, v);
    }
    e.append(...children.filter(c => c !== undefined && c !== ""));
    return e;
  }
  const count = (n, noun) => n.toLocaleString("en") + " " + noun + (n === 1 ? "" : "s");

  // span writes nanoseconds as Go does, with four digits at most.
  function span(ns) {
    const sign = ns < 0 ? "-" : "", a = Math.abs(ns);
    const digits = x => String(Number(x.toPrecision(4)));
    if (a < 1e3) return sign + digits(a) + (a ? "ns" : "s");
    if (a < 1e6) return sign + digits(a / 1e3) + "µs";
    if (a < 1e9) return sign + digits(a / 1e6) + "ms";
    if (a < 60e9) return sign + digits(a / 1e9) + "s";
    const h = Math.floor(a / 3600e9), m = Math.floor(a % 3600e9 / 60e9), s = digits(a % 60e9 / 1e9);
    return sign + (h ? h + "h" : "") + m + "m" + s + "s";
  }
  const since = ns => ns < 0 ? span(ns) : "+" + span(ns);

  // The moments of all lanes, with the answers of the condition as a lane of
  // their own, in order of time along each axis.
  const lanes = [];
  if (d.answers.total) lanes.push({name: "the answer", axis: 0, total: d.answers.total, moments: d.answers.moments || []});
  for (const t of d.timelines || []) lanes.push({name: t.source, axis: t.axis, total: t.total, moments: t.moments || []});
  const rows = [];
  lanes.forEach((lane, i) => {
    lane.on = true;
    lane.colour = "k" + i % 8;
    lane.moments.forEach((m, n) => rows.push({at: m.at_ns, text: m.text, low: m.text.toLowerCase(), lane, axis: lane.axis, n}));
  });
  rows.sort((a, b) => a.axis - b.axis || a.at - b.at || lanes.indexOf(a.lane) - lanes.indexOf(b.lane) || a.n - b.n);
  rows.forEach((r, i) => { r.order = i; });
  const left = lanes.reduce((n, l) => n + l.total - l.moments.length, 0);

  const state = {q: "", byOrder: false, zoom: null, shown: pageful};
  const hit = r => r.lane.on && (!state.q || r.low.includes(state.q) || r.lane.name.toLowerCase().includes(state.q));
  const inZoom = r => !state.zoom || r.axis === state.zoom.axis && place(r) >= state.zoom.from && place(r) <= state.zoom.to;
  const place = r => state.byOrder ? r.order : r.at;

  // ---- head ----

  function head() {
    const woken = (d.wakes || []).filter(w => w.count && w.cause !== "start").map(w => w.count + " " + w.cause).join(", ");
    const fact = (name, value, note) => el("div", {}, el("dt", {}, name), el("dd", {}, value, note ? el("small", {}, note) : ""));
    page.append(
      el("div", {}, el("span", {class: "chip bad"}, d.reason), " ", d.virtual ? el("span", {class: "chip"}, "virtual time") : "", " ", el("span", {class: "soft"}, d.test || "")),
      el("h1", {}, d.what),
      el("p", {class: "headline"}, d.headline),
      el("dl", {class: "facts"},
        fact("limit", span(d.limit_ns), d.hold_ns ? "to hold for " + span(d.hold_ns) : ""),
        fact("elapsed", span(d.elapsed_ns)),
        fact("checks", String(d.checks.total), woken),
        fact("answers", String(d.answers.total), d.answers.total === 1 ? "it never changed" : ""),
        fact("moments recorded", (d.timelines || []).reduce((n, t) => n + t.total, 0).toLocaleString("en"), count((d.timelines || []).length, "timeline")),
        fact("armed timers", d.asked_for_timers ? String((d.timers || []).length) : "–", d.asked_for_timers ? "" : "no clock was asked")));
    if (d.message) page.append(el("div", {class: "message"}, el("pre", {}, d.message)));
    if (d.hint) page.append(el("div", {class: "hint"}, el("b", {}, "Try:"), d.hint));
  }

  // ---- what was seen ----

  function seen() {
    const s = el("section", {}, el("h2", {}, "Last check"));
    if (d.awaited) s.append(el("p", {class: "soft"}, "awaited: ", el("code", {}, d.awaited)));
    const moments = d.answers.moments || [];
    s.append(el("div", {class: "now"}, el("pre", {}, d.last_check || "the condition says no more than that it is not so")));
    if (moments.length > 1) {
      s.append(el("h3", {}, "How the answer changed", el("small", {}, count(d.answers.total, "answer"))));
      const list = el("ul", {class: "plain mono"});
      const some = moments.length > 8 ? moments.slice(-8) : moments;
      const row = m => el("li", {}, el("span", {class: "soft"}, since(m.at_ns) + "  "), m.text.length > 400 ? m.text.slice(0, 400) + "…" : m.text);
      some.forEach(m => list.append(row(m)));
      s.append(list);
      if (moments.length > some.length) {
        const more = el("button", {click: () => { list.replaceChildren(...moments.map(row)); more.remove(); }}, "Show all " + moments.length.toLocaleString("en"));
        s.append(more);
      }
    }
    page.append(s);
    if ((d.closest || []).length) {
      const n = el("section", {}, el("h2", {}, "Closest", el("small", {}, "times as its source counts them")));
      for (const c of d.closest) n.append(el("div", {class: "near"}, el("pre", {}, c.text), c.differences ? el("ul", {class: "mono"}, ...c.differences.map(x => el("li", {}, x))) : ""));
      page.append(n);
    }
  }

  // ---- timeline ----

  const tip = el("div", {id: "tip", hidden: ""});
  const charts = el("div", {id: "charts"});
  const table = el("table");
  const box = el("div", {id: "rows", tabindex: "0", role: "region", "aria-label": "Moments"}, table);
  const shown = el("span", {id: "count", class: "soft", role: "status"});
  const earlier = el("button", {click: () => { state.shown += 1000; draw(); box.scrollTop = 0; }});
  const search = el("input", {type: "search", placeholder: "Filter by text or source", "aria-label": "Filter the timeline", input: () => { state.q = search.value.trim().toLowerCase(); state.shown = pageful; remember(); draw(); }});
  const order = el("button", {"aria-pressed": "false", title: "Give every moment the same room, so that bursts can be read", click: () => { state.byOrder = !state.byOrder; state.zoom = null; draw(); }}, "Spread evenly");
  const reset = el("button", {click: () => { state.zoom = null; draw(); }}, "Show the whole time");

  function timeline() {
    const toggles = lanes.map(lane => {
      const b = el("button", {"aria-pressed": "true", class: lane.colour, click: () => { lane.on = !lane.on; b.setAttribute("aria-pressed", lane.on); draw(); }}, el("span", {class: "dot"}), lane.name);
      return b;
    });
    page.append(el("section", {}, el("h2", {}, "Timeline", el("small", {}, "drag over it to look closer")),
      el("div", {class: "tools"}, search, order, reset, shown),
      el("div", {class: "tools"}, ...toggles),
      charts,
      left ? el("p", {class: "soft", id: "left"}, count(left, "earlier moment") + " left out: only the latest are kept here.") : "",
      el("div", {class: "tools"}, earlier), box));
    document.body.append(tip);
  }

  function draw() {
    const width = Math.max(charts.clientWidth, 260);
    charts.replaceChildren();
    (d.axes || []).forEach((axis, i) => {
      if (state.zoom && state.zoom.axis !== i) return;
      const c = chart(axis, i, width);
      if (c) charts.append(c);
    });
    order.setAttribute("aria-pressed", state.byOrder);
    reset.hidden = !state.zoom;
    rowsOfTable();
  }

  // domain is the range of places that an axis shows.
  function domain(i, mine) {
    if (state.zoom) return [state.zoom.from, state.zoom.to];
    let from = Infinity, to = -Infinity;
    for (const r of mine) { from = Math.min(from, place(r)); to = Math.max(to, place(r)); }
    if (i === 0 && !state.byOrder) { from = Math.min(from, 0); to = Math.max(to, d.elapsed_ns); }
    if (from === to) { from--; to++; } // one place only: show it in the middle
    return [from, to];
  }

  function chart(axis, i, width) {
    const mine = rows.filter(r => r.axis === i);
    const drawn = lanes.filter(l => l.axis === i && l.on);
    const checks = i === 0 && !state.byOrder ? d.checks.kept || [] : [];
    if (!mine.length && !checks.length) return null;
    const [from, to] = domain(i, mine);
    const pad = 8, inner = width - 2 * pad, pitch = 42, top = 4;
    const names = checks.length ? drawn.length + 1 : drawn.length;
    const bottom = top + names * pitch, height = bottom + 38;
    const x = v => pad + (v - from) / (to - from) * inner;
    const svg = el("svg", {width, height, viewBox: "0 0 " + width + " " + height, role: "img", "aria-label": "Timeline, " + axis.name});
    if (!state.byOrder) grid(svg, from, to, x, bottom);
    drawn.forEach((lane, n) => rail(svg, lane.name + " (" + lane.total.toLocaleString("en") + ")", lane.colour, mine.filter(r => r.lane === lane).map(r => ({v: place(r), at: r.at, text: r.text, lit: hit(r)})), top + n * pitch, {x, pad, inner, from, to}));
    if (checks.length) rail(svg, "checks (" + d.checks.total.toLocaleString("en") + ")", "kc", checks.map(c => ({v: c.at_ns, at: c.at_ns, text: c.cause === "start" ? "the first check" : "check, caused by " + c.cause, lit: true})), top + drawn.length * pitch, {x, pad, inner, from, to});
    if (i === 0 && !state.byOrder) {
      if (from < 0 && to > 0) svg.append(el("line", {class: "zero", x1: x(0), x2: x(0), y1: top, y2: bottom}));
      if (to >= d.elapsed_ns && from <= d.elapsed_ns) {
        const end = x(d.elapsed_ns);
        svg.append(el("line", {class: "end", x1: end, x2: end, y1: top, y2: bottom}), el("text", {class: "endname", x: end, y: bottom + 33, "text-anchor": end > width / 2 ? "end" : "start"}, {timeout: "gave up", happened: "happened"}[d.reason] || "ended"));
      }
    }
    svg.append(el("text", {x: pad, y: bottom + 33}, state.byOrder ? "in order, evenly spread" : axis.name));
    choose(svg, i, width, v => from + (v - pad) / inner * (to - from), bottom);
    return svg;
  }

  function grid(svg, from, to, x, bottom) {
    const rough = (to - from) / Math.max(2, Math.floor((x(to) - x(from)) / 110));
    const power = Math.pow(10, Math.floor(Math.log10(rough)));
    const step = Math.max(1, [1, 2, 5, 10].map(k => k * power).find(s => s >= rough));
    for (let v = Math.ceil(from / step) * step, n = 0; v <= to && n < 50; v += step, n++) {
      const at = x(v), edge = at > x(to) - 24 ? "end" : at < x(from) + 24 ? "start" : "middle";
      svg.append(el("line", {class: "grid", x1: at, x2: at, y1: 0, y2: bottom + 4}), el("text", {x: at, y: bottom + 17, "text-anchor": edge}, since(Math.round(v))));
    }
  }

  // rail draws one lane. Moments that fall on the same few pixels share a bar,
  // the higher the more there are, so that a lane of any length stays quick.
  function rail(svg, name, colour, points, y, s) {
    svg.append(el("text", {class: "name", x: s.pad, y: y + 12}, name), el("rect", {class: "rail", x: s.pad, y: y + 17, width: s.inner, height: 18, rx: 3}));
    const bins = new Map();
    for (const p of points) {
      if (p.v < s.from || p.v > s.to) continue;
      const key = Math.floor((s.x(p.v) - s.pad) / 5);
      let b = bins.get(key);
      if (!b) bins.set(key, b = {points: [], lit: 0});
      b.points.push(p);
      if (p.lit) b.lit++;
    }
    for (const [key, b] of bins) {
      const h = Math.min(18, 8 + 3.4 * Math.log2(b.points.length));
      const bar = el("rect", {class: colour + (b.lit ? "" : " dim"), x: Math.min(s.pad + key * 5 + 0.5, s.pad + s.inner - 4), y: y + 26 - h / 2, width: 4, height: h, rx: 1.5, "data-n": b.points.length});
      bar.addEventListener("pointermove", e => describe(e, name, b.points));
      bar.addEventListener("pointerleave", () => { tip.hidden = true; });
      svg.append(bar);
    }
  }

  function describe(e, name, points) {
    const first = points[0], last = points[points.length - 1];
    const when = points.length === 1 ? since(first.at) : since(first.at) + " to " + since(last.at) + ", " + count(points.length, "moment");
    const some = points.slice(0, 6).map(p => el("div", {}, p.text.slice(0, 200)));
    tip.replaceChildren(el("b", {}, when), " ", name, ...some, points.length > 6 ? el("div", {}, "… " + (points.length - 6) + " more") : "");
    tip.hidden = false;
    tip.style.left = Math.max(6, Math.min(e.clientX + 12, innerWidth - tip.offsetWidth - 6)) + "px";
    tip.style.top = Math.max(6, e.clientY + 16 + tip.offsetHeight > innerHeight ? e.clientY - tip.offsetHeight - 10 : e.clientY + 16) + "px";
  }

  // choose lets a stretch of time be dragged over, which both the chart and the
  // table then show alone.
  function choose(svg, axis, width, value, bottom) {
    let begin = null, box = null;
    const where = e => Math.max(0, Math.min(width, e.clientX - svg.getBoundingClientRect().left));
    svg.addEventListener("pointerdown", e => { begin = where(e); });
    svg.addEventListener("pointermove", e => {
      if (begin === null) return;
      const now = where(e);
      if (!box) { box = el("rect", {class: "select", y: 0, height: bottom}); svg.append(box); try { svg.setPointerCapture(e.pointerId); } catch { /* the pointer is gone */ } }
      box.setAttribute("x", Math.min(begin, now));
      box.setAttribute("width", Math.abs(now - begin));
    });
    svg.addEventListener("pointerup", e => {
      const from = begin, to = where(e);
      begin = null;
      if (box) box.remove();
      box = null;
      if (from === null || Math.abs(to - from) < 6) return;
      state.zoom = {axis, from: value(Math.min(from, to)), to: value(Math.max(from, to))};
      state.shown = pageful;
      draw();
    });
    svg.addEventListener("pointercancel", () => { begin = null; if (box) box.remove(); box = null; });
  }

  function rowsOfTable() {
    const found = rows.filter(r => hit(r) && inZoom(r));
    const some = found.slice(-state.shown);
    shown.textContent = found.length === rows.length ? count(rows.length, "moment") : found.length.toLocaleString("en") + " of " + count(rows.length, "moment");
    earlier.hidden = some.length === found.length;
    earlier.textContent = "Show 1,000 of " + (found.length - some.length).toLocaleString("en") + " earlier ones";
    const body = el("tbody");
    let before = null, ended = false;
    const several = (d.axes || []).length > 1;
    for (const r of some) {
      if (several && (!before || before.axis !== r.axis)) body.append(el("tr", {class: "turn"}, el("td", {colspan: 4}, "Times " + d.axes[r.axis].name)));
      const gap = before && before.axis === r.axis ? since(r.at - before.at) : "";
      body.append(el("tr", {}, el("td", {class: "time"}, since(r.at)), el("td", {class: "time gap"}, gap),
        el("td", {class: "source " + r.lane.colour, title: r.lane.name}, el("span", {class: "dot"}), r.lane.name), el("td", {class: "text"}, ...marked(r))));
      before = r;
    }
    table.replaceChildren(el("thead", {}, el("tr", {}, el("th", { class: "time" }, "at"), el("th", { class: "time" }, "after the last"), el("th", {}, "source"), el("th", {}, "what"))), body);
    table.hidden = !some.length;
    box.scrollTop = box.scrollHeight; // what came last matters most
  }

  // marked puts the words that are searched for in mark elements.
  function marked(r) {
    if (!state.q || r.low.length !== r.text.length) return [r.text];
    const parts = [];
    let at = 0;
    for (let i = r.low.indexOf(state.q); i >= 0; i = r.low.indexOf(state.q, at)) {
      parts.push(r.text.slice(at, i), el("mark", {}, r.text.slice(i, i + state.q.length)));
      at = i + state.q.length;
    }
    parts.push(r.text.slice(at));
    return parts;
  }

  // ---- the rest ----

  function timers() {
    if (!d.asked_for_timers && !(d.held_up || []).length) return;
    const s = el("section", {}, el("h2", {}, "What could still have happened"));
    if (d.asked_for_timers) {
      s.append(el("h3", {}, "Armed timers", el("small", {}, String((d.timers || []).length))));
      s.append((d.timers || []).length ? el("ul", {class: "plain mono"}, ...d.timers.map(t => el("li", {}, t))) : el("p", {}, "No timer is armed: no time that passes would have helped."));
    }
    if ((d.held_up || []).length) s.append(el("h3", {}, "Wake-ups held up by the wall of the bubble"), el("ul", {class: "plain"}, ...d.held_up.map(t => el("li", {}, t))));
    page.append(s);
  }

  function goroutines() {
    const groups = d.goroutines || [];
    const all = groups.reduce((n, g) => n + g.count, 0), able = groups.filter(g => g.able).reduce((n, g) => n + g.count, 0);
    const s = el("section", {}, el("h2", {}, "Goroutines", el("small", {}, all + " in all; " + able + " could still have acted")));
    for (const g of groups) {
      const note = [g.count > 1 ? g.count + " goroutines" : "goroutine " + g.ids[0], g.state, g.minutes ? "for " + g.minutes + " min" : "", g.bubble ? "bubble " + g.bubble : ""].filter(Boolean).join(" · ");
      s.append(el("details", {open: g.able && able <= 4 ? "" : undefined},
        el("summary", {}, g.able ? el("span", {class: "chip bad"}, "could act") : g.waiting ? el("span", {class: "chip"}, "this wait") : "", " ", el("code", {}, g.top), " ", el("span", {class: "soft"}, note)),
        g.count > 1 ? el("p", {class: "soft"}, "goroutines " + g.ids.slice(0, 50).join(", ") + (g.ids.length > 50 ? " …" : "")) : "", el("pre", {}, g.stack)));
    }
    page.append(s);
  }

  function foot() {
    page.append(el("section", {}, el("details", {}, el("summary", {}, "The report as it failed the test"), el("pre", {}, d.text))));
    const flight = (d.files || []).includes(d.flight_recording) ? "flight recording: open it with go tool trace " + d.flight_recording : "no flight recording: " + d.flight_recording;
    page.append(el("section", {}, el("h2", {}, "Files beside this page"), el("ul", {class: "plain mono"}, ...(d.files || []).map(f => el("li", {}, f))), el("p", {class: "soft"}, flight)));
    const p = d.process;
    page.append(el("footer", {}, p.program + " (pid " + p.pid + ") in " + p.dir + " · " + p.go + " " + p.platform + " · " + count(p.cpus, "CPU") + ", GOMAXPROCS " + p.gomaxprocs));
  }

  // remember keeps the filter in the address, so that a link shows what one sees.
  function remember() {
    try { history.replaceState(null, "", state.q ? "#q=" + encodeURIComponent(search.value.trim()) : location.pathname); } catch { /* some browsers forbid it for files */ }
  }
  function recall() {
    search.value = new URLSearchParams(location.hash.slice(1)).get("q") || "";
    state.q = search.value.trim().toLowerCase();
    state.shown = pageful;
  }

  head();
  seen();
  timeline();
  timers();
  goroutines();
  foot();
  recall();
  draw();
  addEventListener("hashchange", () => { recall(); draw(); });
  let width = innerWidth;
  addEventListener("resize", () => { if (innerWidth !== width) { width = innerWidth; draw(); } });
  document.documentElement.dataset.ready = "yes";
})();
