#!/usr/bin/env node
import { main } from './command/main.ts';

// A module may leave timers and sockets behind: the end of the run is the end of the process.
void main(process.argv.slice(2)).then((exitCode) => process.exit(exitCode));
