((js, wasm) => {
	// The page is shown first. In the background it has no frames.
	new Promise(shown => {
		requestAnimationFrame(() => setTimeout(shown));
		setTimeout(shown, 500);
	}).then(() => import(js)).then(async mod => {
		// What someone waits for is shown first, unless that takes long.
		await Promise.race([window.earlyFilter?.page, new Promise(resolve => setTimeout(resolve, 1000))]);
		await mod.default({module_or_path: wasm});
		mod.start();
		document.documentElement.dataset.ready = "";
		// Without the program, as when someone leaves before it is read, the page works as without scripts.
	}, () => {});
})
