/**
 * Loaded into a node before its own code: ends the node when the lab is gone, even by kill -9. The
 * channel to the parent carries no messages; its end is the message.
 */

process.once("disconnect", () => process.exit(1));
process.channel?.unref();
