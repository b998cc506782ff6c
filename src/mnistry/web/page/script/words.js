// Words in the reader's language, light or dark: as chosen before, else as the browser asks.

/** @type {Record<string, Record<string, string>>} */
const WORDS = JSON.parse(find("words").textContent ?? "");

/** @param {string} id */
function find(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

const store = {
  /** @param {string} name */
  get(name) {
    try {
      return localStorage.getItem(`mnistry ${name}`);
    } catch {
      return null;
    }
  },
  /**
   * @param {string} name
   * @param {string} value
   */
  set(name, value) {
    try {
      localStorage.setItem(`mnistry ${name}`, value);
    } catch {
      /* not allowed: not stored */
    }
  },
};

/**
 * A text by its key, values put in.
 * @param {string} key
 * @param {Record<string, string | number>} values
 */
function words(key, values = {}) {
  return WORDS[document.documentElement.lang][key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** @param {number} share 0 to 1; never 100 % unless it is */
function percent(share) {
  const digits = share > 0.9995 && share < 1 ? 0.999 : share;
  return new Intl.NumberFormat(document.documentElement.lang, {
    style: "percent",
    maximumFractionDigits: share >= 0.995 || share < 0.01 ? 1 : 0,
  }).format(Math.floor(digits * 1000) / 1000);
}

/** @param {string} language */
function speak(language) {
  document.documentElement.lang = language;
  document.title = words("title");
  for (const element of document.querySelectorAll("[data-words]"))
    element.textContent = words(/** @type {HTMLElement} */ (element).dataset.words ?? "");
  for (const element of document.querySelectorAll("[data-label]"))
    element.setAttribute("aria-label", words(/** @type {HTMLElement} */ (element).dataset.label ?? ""));
  const switchButton = find("language");
  switchButton.textContent = language === "zh" ? "English" : "中文";
  switchButton.lang = language === "zh" ? "en" : "zh";
}

/** @param {() => void} changed */
function offerLanguages(changed) {
  find("language").addEventListener("click", () => {
    speak(document.documentElement.lang === "zh" ? "en" : "zh");
    store.set("language", document.documentElement.lang);
    changed();
  });
}

function isDark() {
  const theme = document.documentElement.dataset.theme;
  return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

/** @param {() => void} changed */
function offerThemes(changed) {
  const theme = store.get("theme");
  if (theme) document.documentElement.dataset.theme = theme;
  find("theme").addEventListener("click", () => {
    const chosen = isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = chosen;
    store.set("theme", chosen);
    changed();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
}
