(() => {
	let timer;
	addEventListener("input", ({ target: { form, id } }) => {
		window.earlyFilter = undefined;
		clearTimeout(timer);
		if (form?.id !== "filters" || id === "owner" || "ready" in document.documentElement.dataset) return;
		timer = setTimeout(() => {
			const fields = new URLSearchParams();
			for (let [name, value] of new FormData(form)) {
				value = value.trim();
				if (value && name !== "page") fields.append(name, value);
			}
			const query = `${fields}`;
			if (/dapi/i.test(query) || query.length > 800) return;
			const results = document.getElementById("results");
			const load = async () => {
				const url = form.dataset.page;
				const response = await fetch(url + (url.includes("?") ? "&" : "?") + query, { headers: { Accept: "text/html" } });
				const page = new DOMParser().parseFromString(await response.text(), "text/html");
				const fresh = page.getElementById("results");
				if (!fresh || window.earlyFilter !== early) return;
				results.replaceChildren(...fresh.childNodes);
				document.getElementById("result-count").textContent = page.getElementById("result-count").textContent;
				return { document: page, url: response.url };
			};
			const early = window.earlyFilter = { query };
			early.page = load().catch(() => {});
		}, 100);
	});
})()
