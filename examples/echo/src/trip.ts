// examples/echo/src/trip.ts
import 'reflect-metadata';
import { IsInt, IsString, Min } from 'class-validator';
import { embeddedEngine } from '@orra-ts/engine';
import {
  Handler,
  OrraFactory,
  OrraService,
  RevertHandler,
  type RevertSource,
  type Task,
  definePlan,
} from '@orra-ts/sdk';

class Trip {
  @IsString() city!: string;
  @IsInt() @Min(1) travellers!: number;
}
class Rooms {
  @IsString() bookingId!: string;
}
class Seats {
  @IsString() bookingId!: string;
  @IsInt() @Min(1) travellers!: number;
}
class Tickets {
  @IsString() flight!: string;
}

@OrraService({ name: 'hotel-service', description: 'Books hotel rooms' })
class HotelService {
  @Handler({ input: Trip, output: Rooms })
  async book(task: Task<Trip>): Promise<Rooms> {
    await task.pushUpdate({ progress: 50, message: `asking hotels in ${task.input.city}` });
    // The key is the same for every attempt of this task, so a retry does not book twice.
    return { bookingId: `rooms-${task.idempotencyKey.slice(0, 6)}` };
  }

  @RevertHandler('book', { revertibleFor: '24h' })
  async cancel({ output, context }: RevertSource<Trip, Rooms>): Promise<void> {
    console.log(`cancelled ${output.bookingId}: the trip was ${context?.reason ?? 'cancelled'}`);
  }
}

@OrraService({ name: 'flight-service', description: 'Books seats on a flight for a hotel booking' })
class FlightService {
  @Handler({ input: Seats, output: Tickets })
  async book(task: Task<Seats>): Promise<Tickets> {
    const free = 2;
    if (task.input.travellers > free) return task.abort({ reason: 'NOT_ENOUGH_SEATS', free });
    return { flight: 'OR 117' };
  }
}

const bookTrip = definePlan('Book a trip to {city}', Trip, (plan, trip) => {
  const rooms = plan.task(HotelService, 'book', { city: trip.city, travellers: trip.travellers });
  return plan.task(FlightService, 'book', { bookingId: rooms.bookingId, travellers: trip.travellers });
});

async function main(): Promise<void> {
  const app = await OrraFactory.create({
    services: [HotelService, FlightService],
    plans: [bookTrip],
    engine: embeddedEngine(),
  });
  await app.start();
  for (const travellers of [2, 5]) {
    const trip = await app.orra.action('Book a trip to Porto').with({ travellers }).submit();
    const result = await trip.result();
    console.log(`${travellers} travellers: ${result.status}`, result.status === 'aborted' ? result.payload : '');
    // Compensation runs after the orchestration has ended.
    await trip.settled();
  }
  await app.close();
}

void main();
