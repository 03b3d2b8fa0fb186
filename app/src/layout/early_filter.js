(() => {
	let timer;
	const read = form => {
		const fields = new URLSearchParams();
		for (let [name, value] of new FormData(form)) {
			value = value.trim();
			if (value && name !== "page") fields.append(name, value);
		}
		return `${fields}`;
	};
	addEventListener("input", ({ target }) => {
		const form = target.closest("#filters");
		if (!form || target.id === "owner") return;
		window.earlyFilter = undefined;
		clearTimeout(timer);
		if ("ready" in document.documentElement.dataset) return;
		timer = setTimeout(() => {
			const query = read(form);
			if (/dapi/i.test(query) || query.length > 800) return;
			const load = async () => {
				const url = form.dataset.page;
				const response = await fetch(url + (url.includes("?") ? "&" : "?") + query, { headers: { Accept: "text/html" } });
				const page = new DOMParser().parseFromString(await response.text(), "text/html");
				const fresh = page.getElementById("results");
				if (!fresh || window.earlyFilter !== early) return;
				document.getElementById("results").replaceChildren(...fresh.childNodes);
				document.getElementById("result-count").textContent = page.getElementById("result-count").textContent;
				early.query = read(form);
				return { document: page, url: response.url };
			};
			const early = window.earlyFilter = { query };
			early.page = load().catch(() => {});
		}, 100);
	});
})()
