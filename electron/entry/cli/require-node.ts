/** Imported first: whoever has an older Node is told so, before something is missing in it. */
const NODE_MAJOR = 24;

const [major = ''] = process.versions.node.split('.');
if (Number(major) < NODE_MAJOR) {
  process.stderr.write(
    `lockstep: This is Node ${process.versions.node}, and Lockstep needs Node ${NODE_MAJOR} or newer. Install it, or start this file with it.\n`,
  );
  process.exit(1);
}
