/** Imported before any schema: the page's policy forbids the code that zod would generate. */
import { config } from 'zod'

config({ jitless: true })
