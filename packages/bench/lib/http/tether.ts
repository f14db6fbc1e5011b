/** Imported before a server's own program: it ends when the benchmark that started it does, even where that is killed. */
process.on("disconnect", () => process.exit());
// By itself the channel keeps no server up that has been stopped.
process.channel?.unref();
