import { describe, expect, it } from 'vitest';
import { stateText } from '../src/app/model/state-texts.ts';
import { explanations, recordings } from './recorded.ts';

const offline = recordings.offline.status;
const idle = { ...recordings.healthy.status, state: 'disabled', disabledReason: 'idle', evidence: '60 s' };

describe('the text of a state', () => {
  it('takes meaning and cure of a reason from the program', () => {
    const { meaning, cure } = explanations.offline['server-silent']!;
    expect(stateText(offline, explanations).whys).toEqual([{ sentence: meaning, cure }]);
    const { meaning: sentence } = explanations.disabled['idle']!;
    expect(stateText(idle, explanations).whys).toEqual([{ sentence, evidence: '60 s' }]);
  });

  it('names a reason whose meaning is not known', () => {
    expect(stateText(offline, undefined).whys).toEqual([{ sentence: 'server-silent' }]);
    expect(stateText({ ...idle, disabledReason: 'later' }, explanations).whys).toMatchObject([{ sentence: 'later' }]);
  });
});
