"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const rows = JSON.parse(document.getElementById("rows").textContent);
  const names = JSON.parse(document.getElementById("names").textContent);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const kept = {
    get(name) { try { return localStorage.getItem("mnistry " + name); } catch { return null; } },
    set(name, value) { try { localStorage.setItem("mnistry " + name, value); } catch { /* not allowed: not kept */ } },
  };

  // Language: as chosen before, else as the browser asks for.
  const languages = root.dataset.languages.split(" ");
  const speak = (language) => {
    root.lang = language;
    all(`[data-${languages[0]}]`).forEach((element) => {
      const text = element.dataset[language];
      if (element.hasAttribute("aria-label")) element.setAttribute("aria-label", text);
      else element.textContent = text;
    });
  };
  const asked = [kept.get("language"), navigator.language.slice(0, 2)];
  speak(asked.find((language) => languages.includes(language)) ?? languages[0]);
  document.getElementById("language").addEventListener("click", () => {
    const next = (languages.indexOf(root.lang) + 1) % languages.length;
    speak(languages[next]);
    kept.set("language", languages[next]);
  });

  // Light or dark: as chosen before, else as the system says.
  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  if (kept.get("theme")) root.dataset.theme = kept.get("theme");
  document.getElementById("theme").addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    kept.set("theme", root.dataset.theme);
  });

  // Confusion matrix: a cell opens its images; arrow keys go from cell to cell.
  const table = document.querySelector(".confusion");
  const panel = document.querySelector(".panel");
  const open = (id) => {
    const pane = id ? document.getElementById(id) : null;
    all(".pane.open").forEach((other) => other.classList.remove("open"));
    all("[aria-current]", table).forEach((link) => link.removeAttribute("aria-current"));
    if (!pane?.classList.contains("pane")) return;
    pane.classList.add("open");
    table.querySelector(`a[href="#${id}"]`)?.setAttribute("aria-current", "true");
  };
  const show = (id) => {
    open(id);
    history.replaceState(null, "", id ? "#" + id : location.pathname + location.search);
    if (id) panel.scrollIntoView({ block: "nearest" });
  };
  open(location.hash.slice(1) || panel.dataset.first);
  addEventListener("hashchange", () => open(location.hash.slice(1)));
  table.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link) return;
    event.preventDefault();
    const id = link.getAttribute("href").slice(1);
    show(link.hasAttribute("aria-current") ? "" : id);
  });
  const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  table.addEventListener("keydown", (event) => {
    const link = event.target.closest("a");
    const step = steps[event.key];
    if (event.key === "Escape") show("");
    if (!link || !step) return;
    event.preventDefault();
    const size = table.tBodies[0].rows.length;
    let row = Number(link.dataset.row), column = Number(link.dataset.column);
    for (let tries = 0; tries < size; tries++) {
      row = (row + step[0] + size) % size;
      column = (column + step[1] + size) % size;
      const next = table.querySelector(`a[data-row="${row}"][data-column="${column}"]`);
      if (next) { next.focus(); break; }
    }
  });

  // One image: large, with the digits it was thought to be.
  const dialog = document.querySelector("dialog");
  let among = [], place = 0;
  const percent = (share) => share >= 0.9995 ? ">99.9 %" : (100 * share).toFixed(1) + " %";
  const draw = () => {
    const tile = among[place], index = tile.dataset.index;
    const [written, read, ...likely] = rows[index];
    const large = dialog.querySelector(".huge");
    large.style.cssText = tile.getAttribute("style");
    const map = document.querySelector(`.map[data-index="${index}"]`);
    const mine = dialog.querySelector(".map");
    mine.hidden = !map;
    dialog.querySelector(".if-right").hidden = written !== read;
    dialog.querySelector(".if-wrong").hidden = written === read;
    if (map) mine.style.cssText = map.getAttribute("style");
    all("[data-say]", dialog).forEach((element) => {
      element.textContent = { index, written: names[written], read: names[read], place: place + 1, count: among.length }[element.dataset.say];
    });
    dialog.querySelector(".likely").replaceChildren(...likely.flatMap(([label, share]) => {
      const [name, bar, number] = ["span", "i", "span"].map((tag) => document.createElement(tag));
      name.textContent = names[label];
      bar.style.width = 100 * share + "%";
      bar.className = label === written ? "true" : label === read ? "false" : "";
      number.className = "number";
      number.textContent = percent(share);
      return [name, bar, number];
    }));
  };
  const go = (step) => { place = (place + step + among.length) % among.length; draw(); };
  document.addEventListener("click", (event) => {
    const tile = event.target.closest("button.digit");
    if (!tile) return;
    among = all("button.digit", tile.closest("[data-set]"));
    place = among.indexOf(tile);
    draw();
    dialog.showModal();
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowRight") go(1);
    if (event.key === "ArrowLeft") go(-1);
  });
  dialog.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (event.target === dialog || button?.value === "close") dialog.close();
    else if (button) go(Number(button.value));
  });

  // Mistakes: in another order, and their places to paste elsewhere.
  const cards = document.querySelector(".cards");
  document.getElementById("order")?.addEventListener("change", (event) => {
    const [key, sign] = event.target.value.split(" ");
    const sorted = all("li", cards).sort((one, other) => sign * (one.dataset[key] - other.dataset[key]));
    cards.append(...sorted);
  });
  document.getElementById("all")?.addEventListener("click", (event) => {
    cards.classList.remove("few");
    event.target.closest("p").remove();
  });
  document.getElementById("copy")?.addEventListener("click", async (event) => {
    const text = all("li", cards).map((card) => card.dataset.index).join(" ");
    try { await navigator.clipboard.writeText(text); } catch { prompt("", text); }
    event.target.classList.add("done");
  });
})();
