import { describe, expect, test } from '@jest/globals';
import {
  agreement,
  asking,
  assessing,
  assigning,
  claiming,
  confirming,
  dina,
  excepting,
  fearing,
  given,
  inScreening,
  opening,
  prepared,
  refused,
  returning,
  screeningFor,
  serving,
  submitting,
  typesOf,
  world,
  ana,
  arriving,
  beto,
  clearing,
  comingBack,
  emil,
  leavingIrregularly,
  send,
  NOTHING,
  type Sent,
  type Step,
} from './scenario.js';
import { CorrectApplicant } from '../../src/cases/applicant.commands.js';
import { fearOf } from '../../src/cases/standing.state.js';
import * as screening from '../../src/cases/screening.commands.js';

const started = ['ScreeningStarted'];
const begun = (applicant: Parameters<typeof opening>[0] = {}) => given(opening(applicant), claiming(), assigning());

describe('StartScreening', () => {
  test('needs a protection claim, and the assigned caseworker or a supervisor', async () => {
    expect(await given(opening()).when(screeningFor())).toEqual(refused('not-assigned', 'claim-not-recorded'));
    expect(await given(opening(), claiming(), assigning('cw-beto')).when(screeningFor())).toEqual(refused('not-assigned'));
    expect(typesOf(await given(opening(), claiming()).when({ ...screeningFor(), by: dina }))).toEqual(started);
    expect(typesOf(await begun().when(screeningFor()))).toEqual(started);
  });

  test('the agreement is in force now', async () => {
    for (const GT of [agreement({ inForceFrom: null }), agreement({ suspended: '2020-01-01' })]) {
      expect(await begun().when(screeningFor('GT', { around: world({ agreements: { GT } }) }))).toEqual(refused('agreement-not-in-force'));
    }
    const reinstated = agreement({ suspended: '2020-01-01', reinstated: '2020-01-02' });
    expect(typesOf(await begun().when(screeningFor('GT', { around: world({ agreements: { GT: reinstated } }) })))).toEqual(started);
  });

  test('the encounter is not before the rule, nor before the agreement', async () => {
    const met = (day: string) => begun({ encounter: { day, at: `${day}T12:00:00Z` } });
    expect(await met('2019-11-18').when(screeningFor())).toEqual(refused('encounter-predates-agreement'));
    expect(typesOf(await met('2019-11-19').when(screeningFor()))).toEqual(started);
    const late = world({ agreements: { GT: agreement({ inForceFrom: '2020-01-13' }) } });
    expect(await begun().when(screeningFor('GT', { around: late }))).toEqual(refused('encounter-predates-agreement'));
  });

  test.each([
    ['a national', { nationalities: ['HN', 'GT'] }],
    ['stateless, with habitual residence there', { nationalities: [], habitualResidence: 'GT' }],
    ['of unknown nationality', { nationalities: [], nationalityUnknown: true }],
  ])('%s may be of the partner country', async (_, applicant) => {
    expect(await begun({ applicant }).when(screeningFor())).toEqual(refused('national-of-partner-country'));
  });

  test('a national of the United States is screened for nowhere, with another nationality or without', async () => {
    expect(await begun({ applicant: { nationalities: ['US'] } }).when(screeningFor())).toEqual(refused('us-national'));
    expect(await begun({ applicant: { nationalities: ['HN', 'US'] } }).when(screeningFor())).toEqual(refused('us-national'));
    const learnedLater = given(
      ...prepared,
      send(CorrectApplicant, { applicant: { nationalities: ['HN', 'US'] }, reasonCode: 'passport-seen' }, ana),
    );
    expect(await learnedLater.when(submitting())).toEqual(refused('us-national'));
    expect(typesOf(await learnedLater.when(submitting('not-amenable')))).toEqual(['DeterminationSubmitted']);
    const around = world({ agreements: { GT: agreement({ acceptedNationalities: ['HN'] }) } });
    expect(await begun({ applicant: { nationalities: ['US'] } }).when(screeningFor('GT', { around }))).toEqual(
      refused('nationality-not-covered', 'us-national'),
    );
  });

  test('stateless with habitual residence elsewhere is not of the partner country', async () => {
    expect(typesOf(await begun({ applicant: { nationalities: [], habitualResidence: 'NI' } }).when(screeningFor()))).toEqual(started);
  });

  test('the rules of the agreement may cover some nationalities only', async () => {
    const around = world({ agreements: { GT: agreement({ acceptedNationalities: ['HN', 'SV'] }) } });
    expect(await begun({ applicant: { nationalities: ['NI'] } }).when(screeningFor('GT', { around }))).toEqual(
      refused('nationality-not-covered'),
    );
    expect(typesOf(await begun({ applicant: { nationalities: ['NI', 'SV'] } }).when(screeningFor('GT', { around })))).toEqual(started);
  });

  test.each([
    ['the day before the 18th birthday', '2002-01-13', true],
    ['on the 18th birthday', '2002-01-12', false],
  ])('who was encountered %s counts accordingly', async (_, birthDate, minor) => {
    const outcome = await begun({ applicant: { birthDate } }).when(screeningFor());
    expect(minor ? outcome : typesOf(outcome)).toEqual(minor ? refused('unaccompanied-minor') : started);
  });

  test('who was born on 29 February turns 18 on 1 March', async () => {
    const opened = { at: '2022-03-02T12:00:00Z' };
    const born = (day: string) =>
      given(
        opening({ applicant: { birthDate: '2004-02-29' }, encounter: { day, at: `${day}T12:00:00Z` } }, opened),
        claiming(),
        assigning(),
      );
    expect(await born('2022-02-28').when(screeningFor())).toEqual(refused('unaccompanied-minor'));
    expect(typesOf(await born('2022-03-01').when(screeningFor()))).toEqual(started);
  });

  test('a minor with parent or legal guardian is not alone; with anybody else, yes', async () => {
    const child = (accompaniedBy: 'parent' | 'legal-guardian' | 'other-relative' | 'other-adult') =>
      begun({ applicant: { birthDate: '2010-01-01', accompaniedBy } });
    for (const company of ['parent', 'legal-guardian'] as const)
      expect(typesOf(await child(company).when(screeningFor()))).toEqual(started);
    for (const company of ['other-relative', 'other-adult'] as const)
      expect(await child(company).when(screeningFor())).toEqual(refused('unaccompanied-minor'));
  });

  test.each(['valid-visa', 'admission-document', 'visa-not-required'] as const)('with %s the claim stays here', async documents => {
    expect(await begun({ documents }).when(screeningFor())).toEqual(refused('visa-exempt'));
  });

  test('several broken rules are all told, in the order of the book', async () => {
    const child = given(
      opening({
        applicant: { birthDate: '2010-01-01', nationalities: ['GT'] },
        documents: 'valid-visa',
        encounter: { day: '2019-11-16', at: '2019-11-16T12:00:00Z' },
      }),
    );
    expect(await child.when(screeningFor())).toEqual(
      refused(
        'not-assigned',
        'claim-not-recorded',
        'encounter-predates-agreement',
        'national-of-partner-country',
        'unaccompanied-minor',
        'visa-exempt',
      ),
    );
  });

  test('a second agreement, but not the same again, after being screened out', async () => {
    const salvadoran = opening({ applicant: { nationalities: ['SV'] } });
    const screenedOut = given(salvadoran, ...prepared.slice(1), submitting('not-amenable'), confirming());
    expect((await screenedOut.refusal(screeningFor('GT'))).code).toBe('wrong-status');
    expect(typesOf(await screenedOut.when(screeningFor('HN')))).toEqual(started);
  });
});

describe('what is said must be understood', () => {
  test.each([
    ['es', ['es'], true],
    ['es-SV', ['es'], true],
    ['ES-sv', ['es'], true],
    ['es', ['es-SV'], false],
    ['est', ['es'], false],
    ['quc', ['es', 'quc'], true],
    ['en', ['es'], false],
  ])('a notice in %s for who reads %j: %s', async (language, languages, understood) => {
    const outcome = await given(opening({ applicant: { languages } }), claiming(), assigning(), screeningFor()).when(serving({ language }));
    expect(understood ? typesOf(outcome) : outcome).toEqual(understood ? ['NoticeServed'] : refused('language-not-understood'));
  });

  test('an interpreter helps', async () => {
    expect(typesOf(await given(...inScreening).when(serving({ language: 'en', interpreterId: 'int-rosa' })))).toEqual(['NoticeServed']);
    expect(await given(...inScreening).when(asking(false, { language: 'en' }))).toEqual(refused('language-not-understood'));
  });
});

describe('SubmitDetermination', () => {
  test('needs a notice that was read back, the question about fear, and fear assessed', async () => {
    expect(await given(...inScreening).when(submitting())).toEqual(refused('notice-not-served', 'fear-inquiry-missing'));
    expect(await given(...inScreening, serving({ readBack: false }), asking()).when(submitting())).toEqual(refused('notice-not-served'));
    expect(await given(...inScreening, serving(), asking(true)).when(submitting('not-amenable'))).toEqual(refused('fear-not-assessed'));
    expect(typesOf(await given(...prepared).when(submitting()))).toEqual(['DeterminationSubmitted']);
  });

  test('fear that was expressed before the screening of that country began counts in it; of another country it does not', async () => {
    expect(await given(opening(), fearing('GT'), claiming(), assigning(), screeningFor(), serving(), asking()).when(submitting())).toEqual(
      refused('fear-not-assessed'),
    );
    expect(
      typesOf(await given(opening(), fearing('HN'), claiming(), assigning(), screeningFor(), serving(), asking()).when(submitting())),
    ).toEqual(['DeterminationSubmitted']);
  });

  test('amenable must not contradict what is on record; not amenable may', async () => {
    const afraid = given(...inScreening, serving(), asking(true), assessing({ torture: true }));
    expect(await afraid.when(submitting('amenable'))).toEqual(refused('fear-established'));
    expect(typesOf(await afraid.when(submitting('not-amenable')))).toEqual(['DeterminationSubmitted']);
    const unfounded = given(...inScreening, serving(), asking(true), assessing());
    expect(typesOf(await unfounded.when(submitting('amenable')))).toEqual(['DeterminationSubmitted']);
    expect(await given(...prepared, excepting('valid-visa')).when(submitting('amenable'))).toEqual(refused('exception-established'));
  });

  describe('an exception that was established without a screening', () => {
    const inTheAir = [opening({ applicant: { nationalities: ['NI'] } }), leavingIrregularly()];
    const back = [...inTheAir, { ...excepting('visa-not-required'), by: dina }, comingBack()];
    const screened = [...back, claiming(), assigning(), screeningFor(), serving(), asking()];

    test('stops the person at the gate and in every screening that follows', async () => {
      const [attempt] = (await given(...back).when(clearing())) as readonly { data: { failedChecks: string[] } }[];
      expect(attempt?.data.failedChecks).toContain('exception-established');
      expect(await given(...screened).when(submitting('amenable'))).toEqual(refused('exception-established'));
      const elsewhere = [...screened, submitting('not-amenable'), confirming(), screeningFor('HN'), serving(), asking()];
      expect(await given(...elsewhere).when(submitting('amenable'))).toEqual(refused('exception-established'));
      const { screening: shown } = await given(...screened).after();
      expect(shown).toMatchObject({ exceptions: [{ ground: 'visa-not-required' }], officers: [ana.id] });
    });

    test('has the grounds of the country where the person was taken', async () => {
      const around = world({ agreements: { GT: agreement({ additionalExceptionGrounds: ['family-in-united-states'] }), HN: agreement() } });
      const excepted = (country: 'GT' | 'HN') =>
        given(...inTheAir, arriving(country)).when({ ...excepting('family-in-united-states', { around }), by: dina });
      expect(typesOf(await excepted('GT'))).toEqual(['ExceptionEstablished', 'ProtectionAlertRaised']);
      expect(await excepted('HN')).toEqual(refused('invalid /ground'));
    });
  });

  test('what the file says of the fear: nothing before an assessment and after more of it, unless it was established', async () => {
    const established = async (...steps: Step[]) => fearOf(await given(...inScreening, serving(), ...steps).after(), 'GT').established;
    expect(await established(asking(true))).toBeNull();
    expect(await established(asking(true), assessing())).toBe(false);
    expect(await established(asking(true), assessing(), fearing('GT'))).toBeNull();
    expect(await established(asking(true), assessing(), fearing('HN'))).toBe(false);
    expect(await established(asking(true), assessing({ torture: true }), fearing('GT'))).toBe(true);
  });

  test('fear that was found in an earlier screening of the country must be assessed again, though nobody had expressed it', async () => {
    const found = [
      opening({ applicant: { nationalities: ['NI'] } }),
      ...prepared.slice(1),
      assessing({ torture: true }),
      submitting('not-amenable'),
      confirming(),
    ];
    const elsewhere = [screeningFor('HN'), serving(), asking(), submitting('not-amenable'), confirming()];
    const again = given(...found, ...elsewhere, screeningFor('GT'), serving(), asking());
    expect(await again.when(submitting())).toEqual(refused('fear-not-assessed'));
    expect(await again.when(submitting('not-amenable'))).toEqual(refused('fear-not-assessed'));
  });

  test('fear that is expressed again after it was assessed must be assessed again', async () => {
    expect(await given(...inScreening, serving(), asking(true), assessing(), fearing()).when(submitting())).toEqual(
      refused('fear-not-assessed'),
    );
  });
});

describe('review', () => {
  test('nobody who took part in the screening confirms it, a supervisor who screened neither', async () => {
    expect(typesOf(await given(...prepared, submitting()).when(confirming()))).toEqual(['DeterminationConfirmed']);
    const screenedByDina = given(...inScreening, { ...serving(), by: dina }, asking(), submitting());
    expect(await screenedByDina.when(confirming())).toEqual(refused('same-officer'));
    expect(typesOf(await screenedByDina.when(returning()))).toEqual(['DeterminationReturned']);
  });

  test('another determination than the one under review is stale', async () => {
    const stale = send(screening.ConfirmDetermination, { determinationId: NOTHING }, dina);
    expect(await given(...prepared, submitting()).when(stale)).toEqual(refused('stale-determination'));
  });

  test('a not amenable case is screened out', async () => {
    expect((await given(...prepared, submitting('not-amenable')).after(confirming())).status).toBe('screened-out');
    expect((await given(...prepared, submitting()).after(confirming())).status).toBe('amenable');
    expect((await given(...prepared, submitting()).after(returning())).status).toBe('screening');
  });
});

describe('EstablishException', () => {
  test('an unknown ground is told at its field, unless the rules of the agreement add it', async () => {
    expect(await given(...inScreening).when(excepting('family-here'))).toEqual(refused('invalid /ground'));
    const around = world({ agreements: { GT: agreement({ additionalExceptionGrounds: ['family-here'] }) } });
    expect(typesOf(await given(...inScreening).when(excepting('family-here', { around })))).toEqual(['ExceptionEstablished']);
  });

  test('public interest is for a supervisor', async () => {
    expect((await given(...inScreening).refusal(excepting('public-interest'))).code).toBe('role-not-allowed');
    expect(typesOf(await given(...inScreening).when({ ...excepting('public-interest'), by: dina }))).toEqual(['ExceptionEstablished']);
    expect((await given(opening()).refusal({ ...excepting('public-interest'), by: ana })).code).toBe('wrong-status');
  });

  test('another caseworker than the assigned one does not establish it', async () => {
    expect(await given(...inScreening).when({ ...excepting('valid-visa'), by: beto })).toEqual(refused('not-assigned'));
  });
});

describe('who took part in the screening does not review it', () => {
  const all: readonly Sent[] = [screeningFor(), serving(), asking(true), assessing(), submitting()];
  const byEmil = (name: string): readonly Sent[] => all.map(sent => (sent.command.name === name ? { ...sent, by: emil } : sent));

  test.each(all.map(({ command }) => command.name))('%s makes an officer', async name => {
    const reviewed = given(opening(), claiming(), assigning(), ...byEmil(name));
    expect(await reviewed.when({ ...confirming(), by: emil })).toEqual(refused('same-officer'));
    expect(typesOf(await reviewed.when(confirming()))).toEqual(['DeterminationConfirmed']);
  });

  test('an exception makes an officer, also one that reopened the determination', async () => {
    const reopened = [...prepared, submitting(), confirming(), { ...excepting('public-interest'), by: emil }, submitting('not-amenable')];
    expect(await given(...reopened).when({ ...confirming(), by: emil })).toEqual(refused('same-officer'));
  });

  test('returning, confirming and a fear that was passed on do not', async () => {
    const returned = [...prepared, submitting(), { ...returning(), by: emil }, { ...fearing(), by: emil }, assessing(), submitting()];
    expect(typesOf(await given(...returned).when({ ...confirming(), by: emil }))).toEqual(['DeterminationConfirmed']);
    expect(typesOf(await given(...prepared, submitting(), confirming(), fearing(), assessing(), submitting()).when(confirming()))).toEqual([
      'DeterminationConfirmed',
      'TransferHoldReleased',
    ]);
  });

  test('the officers of an earlier screening are none of the next', async () => {
    const earlier = [
      opening({ applicant: { nationalities: ['NI'] } }),
      ...prepared.slice(1),
      { ...submitting('not-amenable'), by: emil },
      confirming(),
    ];
    const next = given(...earlier, screeningFor('HN'), serving(), asking(), submitting());
    expect(typesOf(await next.when({ ...confirming(), by: emil }))).toEqual(['DeterminationConfirmed']);
  });

  test('a screening is for the assigned caseworker, and for any supervisor', async () => {
    expect(typesOf(await begun().when({ ...screeningFor(), by: emil }))).toEqual(started);
    expect(await begun().when({ ...screeningFor(), by: beto })).toEqual(refused('not-assigned'));
  });
});
