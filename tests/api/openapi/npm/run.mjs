// Runs the compiled client.ts: the arguments as JSON on the command line, the result as JSON on standard output.
import { swapStory } from "./client.js"

console.log(JSON.stringify(await swapStory(JSON.parse(process.argv[2]))))
