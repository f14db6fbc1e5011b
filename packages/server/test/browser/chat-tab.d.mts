import type { Chromium } from "../../../../test/helpers/chromium.mjs";

/** An answer on the page. */
export interface AnswerSeen {
  readonly model: string;
  /** Its text with that of code. */
  readonly text: string;
  readonly code: readonly string[];
  /** "" where there is none. */
  readonly reasoning: string;
  readonly isReasoningOpen: boolean;
  readonly ending: string;
  readonly ttft: string;
  readonly rate: string;
  readonly tokens: number;
  /** In the picture of latencies. */
  readonly points: number;
  readonly pictureName: string | null;
  /** What the server measured. */
  readonly measured: string;
}

/** What is seen of the page. Sizes in CSS pixels. */
export interface ChatSeen {
  readonly background: string;
  /** The page has to be scrolled sideways. */
  readonly isWiderThanWindow: boolean;
  /** Texts with less contrast than 4.5:1 against their ground. */
  readonly faintTexts: readonly string[];
  /** Fields and buttons that have no name for a screen reader. */
  readonly namelessControls: readonly string[];
  readonly repeatedIds: readonly string[];
  /** Elements that came out of a model's text. */
  readonly foreignElements: number;
}

/** How a page is looked at. */
export interface ChatView {
  /** In CSS pixels. */
  readonly width: number;
  readonly colorScheme: "light" | "dark";
}

/** A tab with the chat page. */
export interface ChatTab {
  /** What the console said, errors and violations of the policy included. */
  readonly messages: readonly string[];
  readonly otherOrigins: readonly string[];
  /** Of the requests for answers, in order. */
  readonly bodies: readonly Readonly<Record<string, unknown>>[];
  /** The names to choose from, when they are there. */
  models(): Promise<string[]>;
  choose(model: string): Promise<void>;
  /** Into a field of the settings, which are opened. */
  set(id: string, value: string): Promise<void>;
  /** Into the field for a message, key by key names: "Shift+Enter". */
  type(...keys: string[]): Promise<void>;
  message(): Promise<string>;
  /** Writes a message and sends it by Enter. */
  send(text: string): Promise<void>;
  click(button: string): Promise<void>;
  giveKey(key: string): Promise<void>;
  /** Whether the page asks for a key. */
  asksForKey(): Promise<boolean>;
  /** The text of the alert, when it is there. */
  alert(): Promise<string>;
  /** Waits until the last answer has so many tokens. */
  hasTokens(least: number): Promise<void>;
  /** All answers, when so many have ended. */
  answers(ended: number): Promise<AnswerSeen[]>;
  questions(): Promise<string[]>;
  look(): Promise<ChatSeen>;
  /** Another window, and another scheme of colours. */
  view(options: ChatView): Promise<void>;
  /** What the browser keeps for the page. */
  stored(): Promise<string[]>;
  close(): Promise<void>;
}

export function openChat(browser: Chromium, url: string, options: ChatView): Promise<ChatTab>;
