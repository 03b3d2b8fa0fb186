// Counts the clicks, keys and pastes that a task takes. Nothing has to be searched for: a target must be in view
// without scrolling, and text goes into the focused field.

import { type Locator, type Page, expect } from '@playwright/test';

export class CountedActions {
  /** A key and its modifiers count as one. */
  private readonly counts = { click: 0, key: 0, paste: 0 };

  constructor(private readonly page: Page) {}

  /** As in `3 clicks, 1 key`. */
  get cost(): string {
    return Object.entries(this.counts)
      .filter(([, count]) => count > 0)
      .map(([action, count]) => `${count} ${action}${count === 1 ? '' : 's'}`)
      .join(', ');
  }

  async click(target: Locator): Promise<void> {
    await expect(target).toBeInViewport({ ratio: 0.5 });
    await target.click();
    this.counts.click += 1;
  }

  /** Types into the field that has the focus. */
  async type(text: string): Promise<void> {
    await this.expectFocusInTextField();
    await this.page.keyboard.type(text);
    this.counts.key += text.length;
  }

  async press(key: string): Promise<void> {
    await this.page.keyboard.press(key);
    this.counts.key += 1;
  }

  /** Pastes a text that was copied elsewhere into the field that has the focus. */
  async paste(text: string): Promise<void> {
    await this.expectFocusInTextField();
    await this.pasteAnywhere(text);
  }

  /** Pastes a text that was copied elsewhere, whatever has the focus. */
  async pasteAnywhere(text: string): Promise<void> {
    await this.page.evaluate(copied => navigator.clipboard.writeText(copied), text);
    await this.page.keyboard.press('ControlOrMeta+V');
    this.counts.paste += 1;
  }

  private async expectFocusInTextField(): Promise<void> {
    await expect(this.page.locator(':focus')).toBeEditable();
  }
}
