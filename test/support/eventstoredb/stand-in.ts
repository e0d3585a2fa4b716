import { randomUUID } from 'node:crypto';
import { Server, ServerCredentials, status, type Metadata, type ServerErrorResponse } from '@grpc/grpc-js';
import { append, batchAppend } from './appending.js';
import { Faults } from './faults.js';
import { Line } from './line.js';
import { Log } from './log.js';
import {
  ClusterInfo,
  EndPoint,
  GossipService,
  MemberInfo,
  Refusal,
  ServerFeaturesService,
  StreamsService,
  SupportedMethod,
  SupportedMethods,
  uuid,
} from './protocol.js';
import { read, type ReadCall } from './reading.js';

const [FOLLOWER, LEADER] = [6, 8] as const;

export interface StandInOptions {
  /** Shared by the nodes of a cluster, of which one leads. */
  readonly log?: Log;
  /** PEM; without them there is neither TLS nor a password. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** By user: the password, and whether `$all` may be read. */
  readonly users?: Readonly<Record<string, { readonly password: string; readonly readsAll: boolean }>>;
  /** 0: any that is free. */
  readonly port?: number;
}

type Answer<T> = (error: ServerErrorResponse | null, value?: T) => void;
type Handler = (call: { readonly metadata: Metadata }, callback: Answer<unknown>) => Promise<void>;

/**
 * A server that speaks the real protocol and stores in memory, behind a line that can be cut. It behaves as real servers
 * were seen to behave towards the two client packages, and fails when it is told to.
 */
export class StandIn {
  readonly log: Log;
  readonly faults = new Faults();
  readonly line = new Line(undefined);
  /** Whoever leads: itself, unless it is told of another. */
  leader: StandIn = this;
  members: readonly StandIn[] = [this];
  /** Subscriptions that are open. */
  subscriptions = 0;
  /** Events that subscriptions took. */
  sentEvents = 0;
  /** Calls that were begun, by name, and appends on calls that they share. */
  readonly calls = new Map<string, number>();
  #server: Server | undefined;

  constructor(private readonly options: StandInOptions = {}) {
    this.log = options.log ?? new Log();
  }

  static async start(options: StandInOptions = {}): Promise<StandIn> {
    const standIn = new StandIn(options);
    await standIn.#listen();
    await standIn.line.open(options.port ?? 0);
    return standIn;
  }

  /** Nodes over one log, of which the first leads. */
  static async cluster(size: number, options: StandInOptions = {}): Promise<StandIn[]> {
    const log = new Log();
    const nodes = await Promise.all(Array.from({ length: size }, () => StandIn.start({ ...options, log })));
    for (const node of nodes) {
      node.members = nodes;
      node.leader = nodes[0]!;
    }
    return nodes;
  }

  get address(): string {
    return `localhost:${this.line.port}`;
  }

  /** Killed: every connection breaks, and new ones are refused. What it stored is kept. */
  async kill(): Promise<void> {
    await this.line.close();
    this.#server?.forceShutdown();
    this.#server = undefined;
    this.line.target = undefined;
  }

  async startAgain(): Promise<void> {
    this.log.restart();
    await this.#listen();
    await this.line.open();
  }

  get isUp(): boolean {
    return this.#server !== undefined;
  }

  async #listen(): Promise<void> {
    const server = new Server({ 'grpc.max_receive_message_length': 17 * 1024 * 1024 });
    server.addService(StreamsService, {
      read: this.#reading(),
      append: this.#unary('append', call => append(call as never, this.#appending())),
      batchAppend: this.#batching(),
    });
    server.addService(GossipService, { read: this.#unary('gossip', async () => this.#gossip()) });
    server.addService(ServerFeaturesService, { getSupportedMethods: this.#unary('features', async () => features()) });
    const { tls } = this.options;
    const credentials = tls
      ? ServerCredentials.createSsl(null, [{ cert_chain: Buffer.from(tls.certificate), private_key: Buffer.from(tls.key) }])
      : ServerCredentials.createInsecure();
    this.line.target = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', credentials, (error, port) => (error ? reject(error) : resolve(port))),
    );
    this.#server = server;
  }

  #appending() {
    return { log: this.log, faults: this.faults, cut: () => this.line.cut(), batched: () => this.#count('batched') };
  }

  #unary(name: string, work: (call: unknown) => Promise<unknown>): Handler {
    return async (call, callback) => {
      try {
        await this.faults.frozen;
        this.#admit(name, call.metadata);
        const answer = await work(call);
        if (answer !== undefined) callback(null, answer);
      } catch (error) {
        callback(error as ServerErrorResponse);
      }
    };
  }

  #reading() {
    return (call: ReadCall): void => {
      const isSubscription = call.request.getOptions()?.hasSubscription() ?? false;
      call.on('error', () => undefined);
      const answered = async (): Promise<void> => {
        await this.faults.frozen;
        this.#admit(isSubscription ? 'subscribe' : 'read', call.metadata, call.request.getOptions()?.hasAll());
        await read(call, this.log, this.faults, () => {
          this.sentEvents += 1;
        });
        call.end();
      };
      if (isSubscription) this.subscriptions += 1;
      void answered()
        .catch((error: Error) => call.emit('error', error))
        .finally(() => {
          if (isSubscription) this.subscriptions -= 1;
        });
    };
  }

  #batching() {
    return (call: Parameters<typeof batchAppend>[0]): void => {
      try {
        this.#admit('batch', call.metadata);
        batchAppend(call, this.#appending());
      } catch (error) {
        call.on('error', () => undefined);
        call.emit('error', error);
      }
    };
  }

  #count(name: string): void {
    this.calls.set(name, (this.calls.get(name) ?? 0) + 1);
  }

  /** @throws Refusal */
  #admit(name: string, metadata: Metadata, all = false): void {
    this.#count(name);
    if (this.faults.unavailable) throw new Refusal(status.UNAVAILABLE, 'Server Is Not Ready');
    // What is asked before anyone knows who leads.
    if (name === 'gossip' || name === 'features') return;
    this.#authenticate(metadata, all);
    if (name === 'subscribe' || metadata.get('requires-leader')[0] !== 'true' || this.leader === this) return;
    const [host = '', port = ''] = this.leader.address.split(':');
    throw new Refusal(status.NOT_FOUND, 'Leader info available', {
      exception: 'not-leader',
      'leader-endpoint-host': host,
      'leader-endpoint-port': port,
    });
  }

  #authenticate(metadata: Metadata, all: boolean): void {
    const { users } = this.options;
    if (!users) return;
    const [, encoded = ''] = String(metadata.get('authorization')[0] ?? '').split(' ');
    const [, name = '', password] = /^([^:]*):(.*)$/.exec(Buffer.from(encoded, 'base64').toString()) ?? [];
    const user = users[name];
    if (!user || user.password !== password) throw new Refusal(status.UNAUTHENTICATED, 'Unauthenticated');
    if (all && !user.readsAll) throw new Refusal(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });
  }

  #gossip(): InstanceType<typeof ClusterInfo> {
    const info = new ClusterInfo();
    info.setMembersList(
      this.members.map(node => {
        const [host = '', port = ''] = node.address.split(':');
        const endPoint = new EndPoint();
        endPoint.setAddress(host);
        endPoint.setPort(Number(port));
        const member = new MemberInfo();
        member.setInstanceId(uuid(randomUUID()));
        member.setState(node.leader === node ? LEADER : FOLLOWER);
        member.setIsAlive(node.isUp);
        member.setHttpEndPoint(endPoint);
        member.setTimeStamp(String(Date.now() * 10_000));
        return member;
      }),
    );
    return info;
  }
}

function features(): InstanceType<typeof SupportedMethods> {
  const methods = new SupportedMethods();
  methods.setEventStoreServerVersion('24.2.0');
  for (const name of ['read', 'append', 'batchappend']) {
    const method = new SupportedMethod();
    method.setServiceName('event_store.client.streams.streams');
    method.setMethodName(name);
    methods.addMethods(method);
  }
  return methods;
}
