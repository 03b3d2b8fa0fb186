((js, wasm) => {
	import(js).then(async mod => {
		// What someone waits for is shown first: the page, and the result of a filter. In a tab that is not shown, there
		// is nothing to wait for.
		const wait = new Promise(resolve => setTimeout(resolve, 1000));
		const painted = new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve)));
		await Promise.race([painted.then(() => window.earlyFilter?.page), wait]);
		await mod.default({module_or_path: wasm});
		mod.start();
		document.documentElement.dataset.ready = "";
	});
})
