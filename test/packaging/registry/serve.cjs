// Runs verdaccio in this process, on a free port of the loopback interface: node serve.cjs FOLDER CONFIG. Prints the port.
// It ends with its standard input, and so with whoever started it.
const { createRequire } = require("node:module");

async function serve(folder, config) {
  const { runServer } = createRequire(`${folder}/package.json`)("verdaccio");
  const server = await runServer(config);
  server.listen(0, "127.0.0.1", () => process.stdout.write(`${server.address().port}\n`));
}

process.stdin.resume().once("end", () => process.exit());
void serve(process.argv[2], process.argv[3]);
