// The Mini App on a phone, as Telegram Web shows it: a panel over the chat with the page in a frame, Telegram's back
// button above it and its main button below. What the two tell each other: https://core.telegram.org/api/web-events

import { ICONS, focusHere, h, icon } from "./dom.js";
import { act } from "./store.js";

const RIGHTS = "allow-scripts allow-same-origin allow-forms allow-popups allow-modals allow-downloads";

// The example of Telegram's documents, and the dark theme of its apps.
export const THEMES = {
  light: {
    bg_color: "#ffffff", text_color: "#222222", hint_color: "#999999", link_color: "#2481cc", button_color: "#2481cc", button_text_color: "#ffffff",
    secondary_bg_color: "#f1f1f1", header_bg_color: "#ffffff", accent_text_color: "#2481cc", section_bg_color: "#ffffff", section_header_text_color: "#6d6d71",
    section_separator_color: "#e7e7e7", subtitle_text_color: "#999999", destructive_text_color: "#ff3b30", bottom_bar_bg_color: "#f1f1f1",
  },
  dark: {
    bg_color: "#17212b", text_color: "#f5f5f5", hint_color: "#708499", link_color: "#6ab3f3", button_color: "#5288c1", button_text_color: "#ffffff",
    secondary_bg_color: "#232e3c", header_bg_color: "#17212b", accent_text_color: "#6ab2f2", section_bg_color: "#17212b", section_header_text_color: "#6ab3f3",
    section_separator_color: "#111921", subtitle_text_color: "#708499", destructive_text_color: "#ec3942", bottom_bar_bg_color: "#17212b",
  },
};

export class MiniApp {
  #person;
  #name;
  #theme = "light";
  #origin = null;
  #hear = (event) => this.#take(event);

  constructor(person, name, { onClose, openLink, report }) {
    this.#person = person;
    this.#name = name;
    this.onClose = onClose;
    this.openLink = openLink;
    this.report = report;
    this.frame = h("iframe", { class: "app-frame", title: `Mini App of ${name}`, sandbox: RIGHTS });
    this.back = h("button", { class: "icon-button", type: "button", "aria-label": "Back", hidden: true, onclick: () => this.#tell("back_button_pressed") }, icon("M15 5l-7 7 7 7"));
    this.theme = h("button", { class: "icon-button", type: "button", "aria-label": "Dark theme", "aria-pressed": "false", title: "Dark theme", onclick: () => this.#switchTheme() }, icon("M20 14.5A8 8 0 1 1 9.5 4a6.5 6.5 0 0 0 10.5 10.5Z"));
    const close = h("button", { class: "icon-button", type: "button", "aria-label": "Close the Mini App", onclick: () => this.close() }, icon(ICONS.close));
    this.main = h("button", { class: "app-main", type: "button", hidden: true, onclick: () => this.#tell("main_button_pressed") });
    const bar = h("header", { class: "app-bar" }, this.back, h("strong", {}, name), this.theme, close);
    this.element = h("section", { class: "mini-app", "aria-label": `Mini App of ${name}` }, bar, this.frame, this.main);
    this.element.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
    addEventListener("message", this.#hear);
  }

  async open(start = "") {
    try {
      const { url } = await act(`/people/${this.#person}/mini-app`, { start });
      this.#origin = new URL(url).origin;
      this.frame.src = `${url}&tgWebAppThemeParams=${encodeURIComponent(JSON.stringify(THEMES[this.#theme]))}`;
      focusHere(this.frame);
    } catch (error) {
      this.report(error.message);
      this.close();
    }
  }

  close() {
    removeEventListener("message", this.#hear);
    this.element.remove();
    this.onClose();
  }

  #tell(eventType, eventData = null) {
    this.frame.contentWindow?.postMessage(JSON.stringify({ eventType, eventData }), this.#origin);
  }

  #switchTheme() {
    this.#theme = this.#theme === "light" ? "dark" : "light";
    this.theme.setAttribute("aria-pressed", String(this.#theme === "dark"));
    this.element.classList.toggle("dark", this.#theme === "dark");
    this.#tell("theme_changed", { theme_params: THEMES[this.#theme] });
  }

  #take({ source, origin, data }) {
    if (source !== this.frame.contentWindow || origin !== this.#origin || typeof data !== "string") return;
    const { eventType, eventData } = JSON.parse(data);
    if (eventType === "web_app_setup_back_button") this.back.hidden = !eventData.is_visible;
    else if (eventType === "web_app_setup_main_button") this.#showMain(eventData);
    else if (eventType === "web_app_request_theme") this.#tell("theme_changed", { theme_params: THEMES[this.#theme] });
    else if (eventType === "web_app_open_link") open(eventData.url, "_blank", "noopener");
    else if (eventType === "web_app_open_tg_link") this.openLink(new URL(eventData.path_full, "https://t.me"));
    else if (eventType === "web_app_close") this.close();
  }

  #showMain({ is_visible: isVisible, is_active: isActive, text, color, text_color: textColor }) {
    this.main.hidden = !isVisible;
    this.main.disabled = !isActive;
    this.main.textContent = text;
    this.main.style.backgroundColor = color ?? THEMES[this.#theme].button_color;
    this.main.style.color = textColor ?? THEMES[this.#theme].button_text_color;
  }
}
