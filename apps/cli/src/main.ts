#!/usr/bin/env node
process.stdout.write("sumus\n");
