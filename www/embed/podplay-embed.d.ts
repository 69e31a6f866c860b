/** The version of the package. */
export const version: string;

/** `detail` of the event `podplay:time`: the playhead moved, or play began or ended. */
export interface TimeDetail {
  /** Where the playhead is, in simulated seconds since the run began. */
  time: number;
  /** How far the run reaches, in seconds. */
  end: number;
  /** Whether time passes. */
  playing: boolean;
}

/** `detail` of the event `podplay:record`: the playhead passed something that happened. */
export interface RecordDetail {
  /** When, in seconds. */
  time: number;
  /** What, as a sentence in the playground's language. */
  text: string;
  /** The pod that it is about, if any. */
  pod: string | null;
  /** The container that it is about, if any. */
  container: string | null;
}

/** `detail` of the event `podplay:text`: the text was changed. */
export interface TextDetail {
  /** The whole text. */
  text: string;
}

/** `idle` before it is started and after it was closed. */
export type State = 'idle' | 'loading' | 'live' | 'failed';

/** The element `<pod-playground>`. Its attributes are described in docs/embedding.md. */
export class PodPlayground extends HTMLElement {
  /** The block of the page that the playground stands in for, where it is neither inside nor named by `for`. */
  source: HTMLElement | null;
  /** Whether it waits, loads, runs, or could not be loaded. */
  readonly state: State;
  /** The text, as it was changed last. Setting it is `setText`. */
  text: string;
  /** Where the playhead is, in seconds. */
  readonly time: number;
  /** Whether time passes. */
  readonly playing: boolean;
  /** Starts the playground if need be, and plays. */
  play(): void;
  /** Stands still. */
  pause(): void;
  /** Goes to a moment, in seconds. */
  seek(seconds: number): void;
  /** Replaces the text. */
  setText(text: string): void;
  /** Takes the frame away and shows the text of the page again. */
  close(): void;
}

/** The text of a code block, whatever its highlighter made of it. */
export function textOf(block: Element): string;

/** Whether a text is, or is a piece of, something that runs Pods. */
export function isPod(text: string): boolean;

/** Adds a Run button below each block with a Pod in it, as `data-auto` does; returns the new elements. */
export function upgrade(root?: ParentNode, attributes?: Record<string, string>): PodPlayground[];

declare global {
  interface HTMLElementTagNameMap {
    'pod-playground': PodPlayground;
  }
  interface HTMLElementEventMap {
    'podplay:time': CustomEvent<TimeDetail>;
    'podplay:record': CustomEvent<RecordDetail>;
    'podplay:text': CustomEvent<TextDetail>;
  }
}
