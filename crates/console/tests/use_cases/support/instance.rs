//! An instance of the console that can be killed.

use console::{Actor, Console, Error};
use store::{SignInId, Store};
use tokio::runtime::{Builder, Runtime};

use super::{ACME, Fixture, Setup, console, sealing_key};

/// Another instance with the same database and workspace, in a runtime of its own, so that everything that it does can
/// be ended at once. It has to start before any bulk change: opening an SQLite database ends all leases.
pub(crate) struct Instance {
    pub(crate) console: Console,
    pub(crate) store: Store,
    runtime: Option<Runtime>,
}

impl Instance {
    pub(crate) async fn start(fixture: &Fixture, setup: Setup) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let location = fixture.database.location();
        let handle = runtime.handle().clone();
        let opening = tokio::task::spawn_blocking(move || handle.block_on(Store::open(location, sealing_key())));
        let store = opening.await.unwrap().unwrap();
        let console = console(&fixture.demo, &store, setup);
        let instance = Self {
            console,
            store,
            runtime: Some(runtime),
        };
        instance
            .run(|console| async move { drop(console.start_instance_task()) })
            .await;
        instance
    }

    /// Does something as this instance.
    pub(crate) async fn run<F>(&self, work: impl FnOnce(Console) -> F) -> F::Output
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let runtime = self.runtime.as_ref().unwrap();
        runtime.spawn(work(self.console.clone())).await.unwrap()
    }

    /// The person with this sign-in, as this instance knows them.
    pub(crate) async fn actor(&self, sign_in: SignInId) -> Result<Actor, Error> {
        self.run(move |console| async move { console.actor(ACME, &sign_in, "request-4").await })
            .await
    }

    /// Ends it like `kill -9`: nothing of it continues, and nothing is released.
    pub(crate) fn kill(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Dropping it would wait.
            runtime.shutdown_background();
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.kill();
    }
}
