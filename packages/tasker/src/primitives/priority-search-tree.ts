/** A value in a {@link PrioritySearchTree}, and the means to take it out again. */
export interface TreeNode<T> {
  readonly at: number;
  readonly value: T;
}

/** Each node knows the best value of the tree below it, its own included. */
class Node<T> implements TreeNode<T> {
  readonly at: number;
  /** Nodes at the same place are in the order in which they came. */
  readonly number: number;
  readonly weight: number;
  readonly value: T;
  best: T;
  left: Node<T> | undefined = undefined;
  right: Node<T> | undefined = undefined;

  constructor(at: number, number: number, weight: number, value: T) {
    this.at = at;
    this.number = number;
    this.weight = weight;
    this.value = value;
    this.best = value;
  }

  isBefore(other: Node<T>): boolean {
    return this.at < other.at || (this.at === other.at && this.number < other.number);
  }
}

/**
 * Values on a line of numbers: the one that comes before all others, of those up to a number or above it, is found in
 * O(log n). Adding and removing are O(log n), too.
 *
 * ```
 *                 at 5, best D                  best of all up to 6: B or C's tree, whichever comes first,
 *               ┌──────┴──────┐                 without a look at those above 6
 *          at 2, best B   at 8, best D
 *          ┌────┴───┐
 *        at 1     at 3
 * ```
 *
 * Source: the idea is McCreight's, "Priority Search Trees", 1985. It is balanced as a treap: by random weights, of which no
 * child has more than its parent (Aragon, Seidel, "Randomized Search Trees", 1989).
 */
export class PrioritySearchTree<T> {
  size = 0;
  readonly #before: (a: T, b: T) => boolean;
  #root: Node<T> | undefined = undefined;
  #numbers = 0;
  /** State of the generator of weights (xorshift): the same tree in every run. */
  #random = 0x2545f491;

  /** `before(a, b)` tells whether `a` comes strictly before `b`; that must not change while they are inside. */
  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  /** The value that comes before all others. */
  get best(): T | undefined {
    return this.#root?.best;
  }

  add(at: number, value: T): TreeNode<T> {
    const node = new Node(at, ++this.#numbers, this.#weight(), value);
    this.#root = this.#with(this.#root, node);
    this.size++;
    return node;
  }

  /** Takes out a value that is inside, by what {@link add} has returned for it. */
  remove(node: TreeNode<T>): void {
    this.#root = this.#without(this.#root, node as Node<T>);
    this.size--;
  }

  /** The value that comes first of those at `limit` or below. */
  upTo(limit: number): T | undefined {
    let best: T | undefined;
    let node = this.#root;
    while (node !== undefined) {
      if (node.at > limit) {
        node = node.left;
      } else {
        best = this.#first(node.left?.best, this.#first(node.value, best));
        node = node.right;
      }
    }
    return best;
  }

  /** The value that comes first of those above `limit`. */
  above(limit: number): T | undefined {
    let best: T | undefined;
    let node = this.#root;
    while (node !== undefined) {
      if (node.at <= limit) {
        node = node.right;
      } else {
        best = this.#first(node.right?.best, this.#first(node.value, best));
        node = node.left;
      }
    }
    return best;
  }

  /** The value with the least number that passes. What passes must come before all that does not. */
  lowest(passes: (value: T) => boolean): T | undefined {
    let node = this.#root;
    while (node !== undefined) {
      if (node.left !== undefined && passes(node.left.best)) node = node.left;
      else if (passes(node.value)) return node.value;
      else node = node.right;
    }
    return undefined;
  }

  #first(a: T | undefined, b: T | undefined): T | undefined {
    if (a === undefined || b === undefined) return a ?? b;
    return this.#before(b, a) ? b : a;
  }

  #weight(): number {
    this.#random ^= this.#random << 13;
    this.#random ^= this.#random >>> 17;
    this.#random ^= this.#random << 5;
    return this.#random;
  }

  #with(tree: Node<T> | undefined, node: Node<T>): Node<T> {
    if (tree === undefined) return node;
    if (node.weight > tree.weight) {
      this.#split(tree, node);
      return this.#summed(node);
    }
    if (node.isBefore(tree)) tree.left = this.#with(tree.left, node);
    else tree.right = this.#with(tree.right, node);
    return this.#summed(tree);
  }

  /** Hangs a tree below a node that is to be its root. */
  #split(tree: Node<T> | undefined, node: Node<T>): void {
    if (tree === undefined) {
      node.left = undefined;
      node.right = undefined;
    } else if (node.isBefore(tree)) {
      this.#split(tree.left, node);
      tree.left = node.right;
      node.right = this.#summed(tree);
    } else {
      this.#split(tree.right, node);
      tree.right = node.left;
      node.left = this.#summed(tree);
    }
  }

  #without(tree: Node<T> | undefined, node: Node<T>): Node<T> | undefined {
    if (tree === undefined) throw new Error('only a node that is inside can be removed');
    if (tree === node) return this.#merged(tree.left, tree.right);
    if (node.isBefore(tree)) tree.left = this.#without(tree.left, node);
    else tree.right = this.#without(tree.right, node);
    return this.#summed(tree);
  }

  /** Joins two trees, of which one ends before the other begins. */
  #merged(left: Node<T> | undefined, right: Node<T> | undefined): Node<T> | undefined {
    if (left === undefined || right === undefined) return left ?? right;
    if (left.weight > right.weight) {
      left.right = this.#merged(left.right, right);
      return this.#summed(left);
    }
    right.left = this.#merged(left, right.left);
    return this.#summed(right);
  }

  #summed(node: Node<T>): Node<T> {
    node.best = node.value;
    if (node.left !== undefined && this.#before(node.left.best, node.best)) node.best = node.left.best;
    if (node.right !== undefined && this.#before(node.right.best, node.best)) node.best = node.right.best;
    return node;
  }
}
