/* Shows topics of HSC Portal on other pages:

     <script src="https://portal.example/embed.js"></script>
     <hsc-topic slug="mobilization"><a href="https://…/topics/mobilization/">Mobilization</a></hsc-topic>
     <a data-hsc-topic="mobilization" data-hsc-section="how" href="https://…">How it works</a>

   The element takes slug, and if wished section, edition, height (pixels), level (of its heading)
   and lang. What stands in it is shown until the card is there, and stays if it does not come. The
   room is kept from the beginning, so nothing on the page moves; only where there is no text to show
   does an element take the room that it needs. No cookies, nothing is stored. */
(() => {
  "use strict";
  if (customElements.get("hsc-topic") || !("adoptedStyleSheets" in Document.prototype)) return;

  const own = document.currentScript;
  // Who serves a copy of this script from another place says where the portal is.
  const portal = new URL(own?.dataset.portal || own?.src || location.href, location.href).origin;
  const languages = "{LANGUAGES}";
  const HEIGHT = 400;
  const NAMES = ["slug", "section", "edition", "height", "level", "lang"];
  const GONE = 410;
  // So long before it is seen a card is asked for.
  const AHEAD = "400px";

  const style = new CSSStyleSheet();
  style.replaceSync("{STYLE}");

  class Topic extends HTMLElement {
    static observedAttributes = NAMES;
    #request = null;
    #size = new CSSStyleSheet();

    connectedCallback() {
      if (!this.shadowRoot) {
        this.attachShadow({ mode: "open" });
        this.shadowRoot.adoptedStyleSheets = [style, this.#size];
      }
      this.#wait();
    }

    disconnectedCallback() {
      seen.unobserve(this);
      this.#request?.abort();
    }

    attributeChangedCallback(name, before, now) {
      if (this.shadowRoot && this.isConnected && before !== now) this.#wait();
    }

    /** Keep the room, show the plain link, and ask for the card when it is near. */
    #wait() {
      const height = Math.round(Number(this.getAttribute("height"))) || HEIGHT;
      // Rules of the page itself are stronger than these.
      this.#size.replaceSync(`:host { block-size: ${Math.max(height, 40)}px; overflow: auto; }`);
      this.#request?.abort();
      this.shadowRoot.replaceChildren(this.#plain());
      seen.unobserve(this);
      seen.observe(this);
    }

    /** Give the room up, also one that a rule of the page keeps, for as much as is needed. */
    #fit() {
      this.#size.replaceSync(":host { block-size: auto !important; }");
    }

    /** What the partner wrote, or else a link to the page. */
    #plain() {
      const slot = document.createElement("slot");
      slot.append(this.#link());
      // While the page is read, what stands in the element is still to come.
      const isEmpty = document.readyState !== "loading" && !this.textContent.trim() && !this.childElementCount;
      return isEmpty ? this.#link() : slot;
    }

    #link() {
      const link = document.createElement("a");
      const part = this.getAttribute("section");
      const edition = this.getAttribute("edition");
      link.className = "hsc-link";
      link.href = `${this.#root()}/topics/${this.#word("slug")}/`;
      if (edition) link.href += `editions/${this.#word("edition")}/`;
      if (part) link.href += `#${encodeURIComponent(part)}`;
      link.textContent = `HSC Portal: ${(this.getAttribute("slug") || "").replaceAll("-", " ")}`;
      return link;
    }

    #word(name) {
      return encodeURIComponent(this.getAttribute(name) || "");
    }

    #root() {
      const language = (this.closest("[lang]")?.lang || "").split("-")[0].toLowerCase();
      return languages.includes(language) ? `${portal}/${language}` : portal;
    }

    load() {
      let address = `${this.#root()}/embed/${this.#word("slug")}/`;
      if (this.hasAttribute("edition")) address += `editions/${this.#word("edition")}/`;
      if (this.getAttribute("section")) address += `${this.#word("section")}/`;
      // It reads HTML without running anything of it, also where a page allows no strings to be.
      const request = new XMLHttpRequest();
      this.#request = request;
      request.open("GET", address);
      request.responseType = "document";
      request.onload = () => this.#show(request);
      request.onerror = () => this.#show(request);
      request.send();
    }

    #show(request) {
      const card = request.responseXML?.querySelector("article.hsc-card");
      if (!card || ![200, GONE].includes(request.status)) {
        this.#fit();
        this.shadowRoot.replaceChildren(this.#plain());
        return;
      }
      const title = card.querySelector(".hsc-title");
      title.setAttribute("aria-level", this.getAttribute("level") || "3");
      const shown = document.importNode(card, true);
      if (request.status === GONE) {
        // Whoever relied on the text must see first, and without scrolling, that it is gone.
        this.#fit();
        this.shadowRoot.replaceChildren(shown, this.#plain());
      } else {
        this.shadowRoot.replaceChildren(shown);
      }
      this.dispatchEvent(new CustomEvent("hsc-shown", { bubbles: true, detail: request.status }));
    }
  }

  const seen = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        seen.unobserve(target);
        target.load();
      }
    },
    { rootMargin: AHEAD },
  );

  /** Put a card around each link that asks for one. */
  function upgrade(root) {
    const links = root.querySelectorAll("a[data-hsc-topic]");
    const all = root.matches?.("a[data-hsc-topic]") ? [root, ...links] : links;
    for (const link of all) {
      if (link.closest("hsc-topic")) continue;
      const card = document.createElement("hsc-topic");
      card.setAttribute("slug", link.dataset.hscTopic);
      for (const name of NAMES) {
        const value = link.dataset[`hsc${name[0].toUpperCase()}${name.slice(1)}`];
        if (value) card.setAttribute(name, value);
      }
      link.replaceWith(card);
      card.append(link);
    }
  }

  customElements.define("hsc-topic", Topic);
  // Links that come later, also while the page is still read: before they are seen.
  new MutationObserver((records) => {
    for (const { addedNodes } of records) {
      for (const node of addedNodes) if (node.nodeType === Node.ELEMENT_NODE) upgrade(node);
    }
  }).observe(document, { childList: true, subtree: true });
  upgrade(document);
})();
