((js, wasm) => {
	let MOST_RECENT_CHILDREN_CB = [];

	async function hydrateIslands(mod) {
		for (const island of document.querySelectorAll("leptos-island")) {
			const children = island.closest("leptos-children");
			MOST_RECENT_CHILDREN_CB = children ? [children.$$on_hydrate] : [];
			await hydrateIsland(island, island.dataset.component, mod);
		}
	}
	async function hydrateIsland(el, id, mod) {
		const islandFn = mod[id];
		if (islandFn) {
			const children_cb = MOST_RECENT_CHILDREN_CB[MOST_RECENT_CHILDREN_CB.length-1];
			if (children_cb) {
				children_cb();
			}
			const res = islandFn(el);
			if (res && res.then) {
				await res;
			}
		} else {
			console.warn(`Could not find WASM function for the island ${id}.`);
		}
	}
	import(js).then(async mod => {
		await mod.default({module_or_path: wasm});
		mod.hydrate();
		await hydrateIslands(mod);
		document.documentElement.dataset.ready = "";
	});
})
