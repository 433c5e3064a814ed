/** A resource that needs nothing from outside. */
export class Session {
  isOpen = true;
  ask(question: string): Promise<string> {
    return Promise.resolve(`answer to ${question}`);
  }
  close(): void {
    this.isOpen = false;
  }
}
export const open = (): Promise<Session> => Promise.resolve(new Session());
/** The pages are run where there is no server. */
export const STORE = 'pglite://memory';
