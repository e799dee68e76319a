import { Check, Hourglass, Image, TriangleAlert } from 'lucide-react';
import { Button } from '../components/controls/Button.tsx';
import { Badge } from '../components/display/Badge.tsx';
import { EmptyState } from '../components/display/EmptyState.tsx';
import { KeyCaps } from '../components/display/KeyCaps.tsx';
import { Money } from '../components/display/Money.tsx';
import { Notice } from '../components/display/Notice.tsx';
import { Panel } from '../components/display/Page.tsx';
import { Picture } from '../components/display/Picture.tsx';
import { Progress } from '../components/display/Progress.tsx';
import { Skeleton } from '../components/display/Skeleton.tsx';
import { Cell, HeadCell, Table } from '../components/display/Table.tsx';
import { Countdown, Duration, Elapsed, RelativeTime, Time } from '../components/display/Time.tsx';

const now = Date.now() / 1_000;
const hash = '3OcRJYB4d3h/iIeHeEh3eIhw+j2w';

export function Displays() {
  return (
    <>
      <Panel className="flex flex-wrap items-center gap-3">
        <Badge>Queued</Badge>
        <Badge tone="ember" icon={Hourglass}>
          With the provider
        </Badge>
        <Badge tone="good" icon={Check}>
          Ready
        </Badge>
        <Badge tone="warn" icon={TriangleAlert}>
          Held
        </Badge>
        <Badge tone="bad">Failed</Badge>
        <KeyCaps keys="mod+k" />
        <KeyCaps keys="g c" />
      </Panel>
      <Panel className="flex flex-col gap-4">
        <Progress share={0.62} failedShare={0.05} label="Pictures" />
        <Progress share={null} label="Uploading" />
        <Notice title="One call is at risk">
          Its outcome is unknown; it may have been billed.
        </Notice>
        <Notice tone="warn" title="Held" actions={<Button size="small">Try again</Button>} />
        <Notice tone="bad">The content filter refused it before anything was made.</Notice>
        <Notice tone="good">40 pictures, $2.12, nothing lost.</Notice>
      </Panel>
      <Panel>
        <Table caption="Batches">
          <thead>
            <tr>
              <HeadCell>Name</HeadCell>
              <HeadCell>Started</HeadCell>
              <HeadCell isNumber>Cost</HeadCell>
            </tr>
          </thead>
          <tbody>
            <tr>
              <Cell>Autumn catalogue</Cell>
              <Cell>
                <Time at={now - 90_000} />, <RelativeTime at={now - 90_000} />
              </Cell>
              <Cell isNumber>
                <Money dollars={0.0531} />
              </Cell>
            </tr>
            <tr>
              <Cell>
                <Elapsed since={now - 12} /> · <Countdown until={now + 3_700} /> ·{' '}
                <Duration seconds={200_000} />
              </Cell>
              <Cell>
                <Time at={now} />
              </Cell>
              <Cell isNumber>
                <Money dollars={1_234.5} />
              </Cell>
            </tr>
          </tbody>
        </Table>
      </Panel>
      <Panel className="grid grid-cols-3 gap-4">
        <Picture src="./favicon.svg" alt="A kiln" width={3} height={2} fit="contain" />
        <Picture src="./none.png" alt="Nothing" width={3} height={2} thumbhash={hash} />
        <Skeleton className="h-full" />
      </Panel>
      <EmptyState icon={Image} title="No pictures yet" action={<Button>Make one</Button>}>
        They appear here as they are made, newest first.
      </EmptyState>
    </>
  );
}
