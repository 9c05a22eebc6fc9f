/** A named list of people; the concrete roster decides who is next. */
export abstract class Roster<Member extends { name: string }> {
  protected members: Member[] = [];

  constructor() {}

  join(member: Member): this {
    if (this.members.some((present) => present.name === member.name)) {
      throw new Error(`${member.name} is already on the roster`);
    }
    this.members.push(member);
    return this;
  }

  leave(name: string): boolean {
    const index = this.members.findIndex((member) => member.name === name);
    if (index < 0) {
      return false;
    }
    this.members.splice(index, 1);
    return true;
  }

  protected abstract compare(a: Member, b: Member): number;

  protected ranked(candidates: Member[]): Member[] {
    return [...candidates].sort((a, b) => this.compare(a, b) || a.name.localeCompare(b.name));
  }
}
